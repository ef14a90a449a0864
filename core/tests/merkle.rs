//! The Merkle tree, compared with two libraries of other people: `ct-merkle` (an independent
//! RFC 6962/9162 tree) and Cloudflare's `tlog_tiles` (the verifier of Go's checksum database).
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failed unwrap is a failed test"
)]

use std::{collections::BTreeMap, convert::Infallible};

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use exportgate_core::merkle::{
    Frontier, Hash, Place,
    proof::{self, Nodes},
    verify::{self, Tree},
};
use proptest::prelude::*;
use sha2::Sha256;
use tlog_tiles::tlog;

/// A whole tree in memory, grown by the frontier alone.
#[derive(Default)]
struct Grown {
    frontier: Frontier,
    nodes: BTreeMap<(u32, u64), Hash>,
    roots: Vec<Hash>,
}

impl Grown {
    fn of(n_leaves: u64) -> Self {
        let mut tree = Self::default();
        tree.roots.push(tree.frontier.root());
        for number in 0..n_leaves {
            let leaf = leaf(number);
            tree.nodes.insert((0, number), leaf);
            let nodes = &mut tree.nodes;
            tree.frontier.push(leaf, |place, hash| {
                nodes.insert((place.level, place.index), hash);
            });
            tree.roots.push(tree.frontier.root());
        }
        tree
    }

    fn tree(&self, size: u64) -> Tree {
        Tree { size, root: self.roots[usize::try_from(size).unwrap()] }
    }
}

impl Nodes for Grown {
    type Error = Infallible;

    fn node(&mut self, place: Place) -> Result<Hash, Infallible> {
        // A node that is not complete is not there, and the test fails.
        Ok(self.nodes[&(place.level, place.index)])
    }
}

fn content(number: u64) -> Vec<u8> {
    format!("event {number}").into_bytes()
}

fn leaf(number: u64) -> Hash {
    Hash::of_leaf(&content(number))
}

fn theirs(hash: Hash) -> tlog::Hash {
    tlog::Hash(*hash.as_bytes())
}

#[test]
fn the_root_is_that_of_ct_merkle_at_every_size() {
    let mut tree = Grown::of(300);
    let mut oracle = MemoryBackedTree::<Sha256, Vec<u8>>::new();
    assert_eq!(tree.roots[0].as_bytes()[..], oracle.root().as_bytes()[..]);
    for size in 1..=300 {
        oracle.push(content(size as u64 - 1));
        assert_eq!(tree.roots[size].as_bytes()[..], oracle.root().as_bytes()[..], "size {size}");
    }
    // From stored nodes it is the same as from the growing edge.
    for size in 0..=300 {
        assert_eq!(proof::root(&mut tree, size).unwrap(), tree.roots[size as usize]);
    }
}

#[test]
fn every_proof_of_small_trees_is_that_of_ct_merkle_and_convinces_both_verifiers() {
    const LARGEST: u64 = 40;
    let mut tree = Grown::of(LARGEST);
    let mut oracle = MemoryBackedTree::<Sha256, Vec<u8>>::new();
    for size in 1..=LARGEST {
        oracle.push(content(size - 1));
        let new = tree.tree(size);
        for index in 0..size {
            let proof = proof::inclusion(&mut tree, index, size).unwrap();
            let bytes: Vec<u8> = proof.iter().flat_map(|hash| *hash.as_bytes()).collect();
            assert_eq!(bytes, oracle.prove_inclusion(index as usize).as_bytes());
            assert!(verify::inclusion(leaf(index), index, new, &proof), "{index} of {size}");
            let proof = proof.into_iter().map(theirs).collect();
            tlog::check_record(&proof, size, theirs(new.root), index, theirs(leaf(index))).unwrap();
        }
        for from in 1..size {
            let proof = proof::consistency(&mut tree, from, size).unwrap();
            let bytes: Vec<u8> = proof.iter().flat_map(|hash| *hash.as_bytes()).collect();
            assert_eq!(bytes, oracle.prove_consistency((size - from) as usize).as_bytes());
            let old = tree.tree(from);
            assert!(verify::consistency(old, new, &proof), "{from} in {size}");
            let proof = proof.into_iter().map(theirs).collect();
            tlog::check_tree(&proof, size, theirs(new.root), from, theirs(old.root)).unwrap();
        }
    }
}

#[test]
fn the_empty_tree_and_the_same_tree_need_no_proof() {
    let mut tree = Grown::of(7);
    let (none, all) = (tree.tree(0), tree.tree(7));
    assert_eq!(none.root, Hash::of_empty_tree());
    assert_eq!(proof::consistency(&mut tree, 0, 7), Ok(Vec::new()));
    assert_eq!(proof::consistency(&mut tree, 7, 7), Ok(Vec::new()));
    assert!(verify::consistency(none, all, &[]));
    assert!(verify::consistency(all, all, &[]));
    assert!(!verify::consistency(all, none, &[]));
    assert!(!verify::consistency(Tree { size: 0, root: all.root }, all, &[]));
    assert!(!verify::inclusion(leaf(0), 0, none, &[]));
}

#[test]
fn a_frontier_goes_on_from_its_stored_form() {
    let mut whole = Frontier::default();
    for number in 0..1_000 {
        let mut stored = Frontier::from_bytes(whole.size(), &whole.to_bytes()).unwrap();
        stored.push(leaf(number), |_, _| {});
        whole.push(leaf(number), |_, _| {});
        assert_eq!(stored, whole);
    }
    assert_eq!(Frontier::from_bytes(whole.size() + 1, &whole.to_bytes()), None);
    assert_eq!(Frontier::from_bytes(whole.size(), &whole.to_bytes()[1..]), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// Our verifier and Cloudflare's agree on every proof, good, damaged or about another tree.
    #[test]
    fn verifiers_agree_on_changed_proofs(
        size in 1..200u64,
        index in any::<u64>(),
        from in any::<u64>(),
        damage in prop::option::of((any::<prop::sample::Index>(), 0..32usize, 1..=255u8)),
        wrong_index in prop::option::of(0..300u64),
        drop_last in any::<bool>(),
    ) {
        let mut tree = Grown::of(size);
        let (index, from) = (index % size, 1 + from % size);
        let change = |proof: Vec<Hash>| -> Vec<Hash> {
            let mut proof = proof;
            if drop_last { proof.pop(); }
            if let (Some((place, byte, bits)), false) = (damage, proof.is_empty()) {
                let place = place.index(proof.len());
                let mut bytes = *proof[place].as_bytes();
                bytes[byte] ^= bits;
                proof[place] = Hash::from_bytes(bytes);
            }
            proof
        };
        let new = tree.tree(size);
        let proof = change(proof::inclusion(&mut tree, index, size).unwrap());
        let claimed = wrong_index.unwrap_or(index);
        let ours = verify::inclusion(leaf(index), claimed, new, &proof);
        let their_proof = proof.iter().copied().map(theirs).collect();
        let they = tlog::check_record(&their_proof, size, theirs(new.root), claimed, theirs(leaf(index)));
        prop_assert_eq!(ours, they.is_ok());

        if from < size {
            let old = tree.tree(from);
            let proof = change(proof::consistency(&mut tree, from, size).unwrap());
            let ours = verify::consistency(old, new, &proof);
            let their_proof = proof.iter().copied().map(theirs).collect();
            let they = tlog::check_tree(&their_proof, size, theirs(new.root), from, theirs(old.root));
            prop_assert_eq!(ours, they.is_ok());
        }
    }
}
