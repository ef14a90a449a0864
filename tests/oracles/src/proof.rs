//! Merkle proofs: exactly the proof that the tree gives convinces, and it is the one that RFC 9162's
//! recursive definition gives.

use std::{convert::Infallible, sync::OnceLock};

use exportgate_core::merkle::{
    Frontier, Hash, Place,
    proof::{self, Nodes},
    verify::{self, Tree},
};
use sha2::{Digest as _, Sha256};

use crate::{Verdict, choices::Choices, hold};

const N_LEAVES: usize = 100;

/// Judges the makers and the checkers of proofs by one tree and one changed proof.
///
/// # Errors
///
/// When something does not hold.
pub fn check(data: &[u8]) -> Verdict {
    judge(data, verify::inclusion, verify::consistency)
}

/// Compares checkers of proofs with the definition.
pub(crate) fn judge(
    data: &[u8],
    verify_inclusion: impl Fn(Hash, u64, Tree, &[Hash]) -> bool,
    verify_consistency: impl Fn(Tree, Tree, &[Hash]) -> bool,
) -> Verdict {
    let (mut choices, leaves) = (Choices::new(data), leaves());
    let to = 1 + choices.below(N_LEAVES);
    let (from, index) = (choices.below(to + 1), choices.below(to));
    let tree = |n: usize| Tree { size: n as u64, root: root(&leaves[..n]) };
    let (old, new) = (tree(from), tree(to));
    check_frontier(&leaves[..to])?;

    let good = path(index, &leaves[..to]);
    let made = proof::inclusion(&mut Stored, index as u64, new.size);
    hold(made.as_ref() == Ok(&good), || format!("{index} of {to}: {made:?}"))?;
    let proof = changed(&good, &mut choices);
    let (leaf, claimed) = if choices.once_in(4) {
        (leaves[choices.below(N_LEAVES)], choices.below(N_LEAVES + 2))
    } else {
        (leaves[index], index)
    };
    let expected = claimed < to && leaf == leaves[claimed] && proof == path(claimed, &leaves[..to]);
    hold(verify_inclusion(leaf, claimed as u64, new, &proof) == expected, || {
        format!("{claimed} of {to}, in truth {index}: {proof:?} should be {expected}")
    })?;

    let good = if from == 0 { Vec::new() } else { sub_proof(from, &leaves[..to], true) };
    let made = proof::consistency(&mut Stored, old.size, new.size);
    hold(made.as_ref() == Ok(&good), || format!("{from} in {to}: {made:?}"))?;
    let proof = changed(&good, &mut choices);
    let lies = choices.once_in(4);
    let forged = Tree { root: if lies { leaves[0] } else { old.root }, ..old };
    let expected = proof == good && forged.root == old.root;
    hold(verify_consistency(forged, new, &proof) == expected, || {
        format!("{forged:?} in {to}: {proof:?} should be {expected}")
    })?;
    // Nothing proves that a history shrank.
    hold(from == to || !verify_consistency(new, old, &proof), || format!("{to} in {from}"))
}

/// A frontier gives the root of its leaves, also when it was stored in between.
fn check_frontier(leaves: &[Hash]) -> Verdict {
    let mut frontier = Frontier::default();
    for leaf in leaves {
        frontier.push(*leaf, |_, _| {});
    }
    let stored = Frontier::from_bytes(frontier.size(), &frontier.to_bytes());
    hold(stored.as_ref() == Some(&frontier), || format!("{stored:?}"))?;
    hold(frontier.root() == root(leaves), || format!("the root of {} leaves", leaves.len()))
}

fn changed(proof: &[Hash], choices: &mut Choices<'_>) -> Vec<Hash> {
    let mut proof = proof.to_vec();
    let place = choices.below(proof.len());
    match (choices.byte() % 8, proof.is_empty()) {
        (0, _) => proof.push(leaves()[choices.below(N_LEAVES)]),
        (_, true) => {}
        (1, _) => drop(proof.remove(place)),
        (2, _) => proof.reverse(),
        (3, _) => {
            let mut bytes = *proof[place].as_bytes();
            bytes[choices.below(32)] ^= 1 << choices.below(8);
            proof[place] = Hash::from_bytes(bytes);
        }
        (4, _) => proof.insert(place, proof[place]),
        _ => {}
    }
    proof
}

fn leaves() -> &'static [Hash] {
    static LEAVES: OnceLock<Vec<Hash>> = OnceLock::new();
    LEAVES.get_or_init(|| (0..N_LEAVES).map(|n| Hash::of_leaf(&n.to_be_bytes())).collect())
}

/// Gives every complete node, as the host's store does.
struct Stored;

impl Nodes for Stored {
    type Error = Infallible;

    fn node(&mut self, Place { level, index }: Place) -> Result<Hash, Infallible> {
        let (start, length) = ((index << level) as usize, 1 << level);
        Ok(root(&leaves()[start..start + length]))
    }
}

/// MTH of RFC 9162 section 2.1.1, word for word.
fn root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => Hash::from_bytes(Sha256::digest([]).into()),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(cut(leaves.len()));
            let (left, right) = (root(left), root(right));
            let bytes = [&[1], left.as_bytes().as_slice(), right.as_bytes()].concat();
            Hash::from_bytes(Sha256::digest(bytes).into())
        }
    }
}

/// PATH of section 2.1.3.1.
fn path(index: usize, leaves: &[Hash]) -> Vec<Hash> {
    if leaves.len() == 1 {
        return Vec::new();
    }
    let k = cut(leaves.len());
    let (left, right) = leaves.split_at(k);
    let (mut path, sibling) = if index < k {
        (path(index, left), root(right))
    } else {
        (path(index - k, right), root(left))
    };
    path.push(sibling);
    path
}

/// SUBPROOF of section 2.1.4.1.
fn sub_proof(m: usize, leaves: &[Hash], is_known: bool) -> Vec<Hash> {
    if m == leaves.len() {
        return if is_known { Vec::new() } else { vec![root(leaves)] };
    }
    let k = cut(leaves.len());
    let (left, right) = leaves.split_at(k);
    let (mut proof, sibling) = if m <= k {
        (sub_proof(m, left, is_known), root(right))
    } else {
        (sub_proof(m - k, right, false), root(left))
    };
    proof.push(sibling);
    proof
}

/// The largest power of two below `n`.
fn cut(n: usize) -> usize {
    let mut k = 1;
    while k * 2 < n {
        k *= 2;
    }
    k
}
