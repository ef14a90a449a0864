//! Checking proofs (RFC 9162 sections 2.1.3.2 and 2.1.4.2): all that is needed are the roots.

use super::Hash;

/// The first `size` events of a history, as one hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tree {
    /// How many events.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
}

/// Whether `proof` shows that `leaf` is number `index` of `tree`.
#[must_use]
pub fn inclusion(leaf: Hash, index: u64, tree: Tree, proof: &[Hash]) -> bool {
    if index >= tree.size {
        return false;
    }
    let (mut node, mut last) = (index, tree.size - 1);
    let mut root = leaf;
    for sibling in proof {
        if last == 0 {
            return false;
        }
        if node % 2 == 1 || node == last {
            root = Hash::of_node(sibling, &root);
            // Levels at which this node has no sibling.
            while node % 2 == 0 && node != 0 {
                (node, last) = (node >> 1, last >> 1);
            }
        } else {
            root = Hash::of_node(&root, sibling);
        }
        (node, last) = (node >> 1, last >> 1);
    }
    last == 0 && root == tree.root
}

/// Whether `proof` shows that `new` begins with all of `old`: that nothing of it was changed or
/// removed. The tree without leaves is the beginning of every tree.
#[must_use]
pub fn consistency(old: Tree, new: Tree, proof: &[Hash]) -> bool {
    if old.size == 0 {
        return proof.is_empty() && old.root == Hash::of_empty_tree();
    }
    if old.size >= new.size {
        return old == new && proof.is_empty();
    }
    let (mut node, mut last) = (old.size - 1, new.size - 1);
    while node % 2 == 1 {
        (node, last) = (node >> 1, last >> 1);
    }
    let mut hashes = proof.iter();
    // Where the old tree is one complete subtree of the new one, the proof leaves its root out.
    let first = if node == 0 { Some(&old.root) } else { hashes.next() };
    let Some(first) = first else { return false };
    let (mut old_root, mut new_root) = (*first, *first);
    for sibling in hashes {
        if last == 0 {
            return false;
        }
        if node % 2 == 1 || node == last {
            old_root = Hash::of_node(sibling, &old_root);
            new_root = Hash::of_node(sibling, &new_root);
            while node % 2 == 0 && node != 0 {
                (node, last) = (node >> 1, last >> 1);
            }
        } else {
            new_root = Hash::of_node(&new_root, sibling);
        }
        (node, last) = (node >> 1, last >> 1);
    }
    last == 0 && old_root == old.root && new_root == new.root
}
