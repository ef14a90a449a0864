//! Making proofs (RFC 9162 sections 2.1.3.1 and 2.1.4.1) from the complete nodes of a stored tree.

use alloc::vec::Vec;

use super::{Hash, Place};

/// Where the complete nodes of a tree are read. A node is asked for only if all leaves below it
/// exist in the tree that the proof is about.
pub trait Nodes {
    /// Why a node cannot be read.
    type Error;

    /// The hash of a complete node.
    ///
    /// # Errors
    /// When it cannot be read.
    fn node(&mut self, place: Place) -> Result<Hash, Self::Error>;
}

/// The largest power of two below `length`, which is at least 2: where RFC 9162 cuts a tree.
pub(super) const fn split(length: u64) -> u64 {
    1 << (u64::BITS - 1 - (length - 1).leading_zeros())
}

/// The root of the tree over the leaves `start` to `end - 1`. `start` is a place at which a
/// subtree of that length can begin; there is at least one leaf.
///
/// # Errors
/// When a node cannot be read.
pub fn root_of_range<N: Nodes>(nodes: &mut N, start: u64, end: u64) -> Result<Hash, N::Error> {
    let length = end - start;
    if length.is_power_of_two() {
        let level = length.trailing_zeros();
        return nodes.node(Place { level, index: start >> level });
    }
    let middle = start + split(length);
    let left = root_of_range(nodes, start, middle)?;
    let right = root_of_range(nodes, middle, end)?;
    Ok(Hash::of_node(&left, &right))
}

/// The root of the tree's first `size` leaves.
///
/// # Errors
/// When a node cannot be read.
pub fn root<N: Nodes>(nodes: &mut N, size: u64) -> Result<Hash, N::Error> {
    if size == 0 { Ok(Hash::of_empty_tree()) } else { root_of_range(nodes, 0, size) }
}

/// The proof that leaf `index` is in the tree of the first `size` leaves; `index` is below `size`.
///
/// # Errors
/// When a node cannot be read.
pub fn inclusion<N: Nodes>(nodes: &mut N, index: u64, size: u64) -> Result<Vec<Hash>, N::Error> {
    let (mut start, mut end) = (0, size);
    let mut proof = Vec::new();
    while end - start > 1 {
        let middle = start + split(end - start);
        if index < middle {
            proof.push(root_of_range(nodes, middle, end)?);
            end = middle;
        } else {
            proof.push(root_of_range(nodes, start, middle)?);
            start = middle;
        }
    }
    // The way went from the root down; a proof goes up.
    proof.reverse();
    Ok(proof)
}

/// The proof that the tree of the first `from` leaves is the beginning of the tree of the first
/// `to` leaves; `from` is at most `to`. It is empty where there is nothing to prove.
///
/// # Errors
/// When a node cannot be read.
pub fn consistency<N: Nodes>(nodes: &mut N, from: u64, to: u64) -> Result<Vec<Hash>, N::Error> {
    let mut proof = Vec::new();
    if from == 0 {
        return Ok(proof);
    }
    let (mut start, mut end) = (0, to);
    // As long as the way only went to the left, the verifier knows the old root already.
    let mut is_old_root = true;
    while from != end {
        let middle = start + split(end - start);
        if from <= middle {
            proof.push(root_of_range(nodes, middle, end)?);
            end = middle;
        } else {
            proof.push(root_of_range(nodes, start, middle)?);
            start = middle;
            is_old_root = false;
        }
    }
    if !is_old_root {
        proof.push(root_of_range(nodes, start, end)?);
    }
    proof.reverse();
    Ok(proof)
}
