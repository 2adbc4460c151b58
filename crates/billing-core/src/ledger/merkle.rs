//! Merkle trees and inclusion paths.
//!
//! The tree of RFC 6962 §2.1: a leaf is hashed with the prefix byte 0, a pair with the prefix byte 1, and the odd last
//! node of a level moves up unchanged.

use sha2::{Digest, Sha256};

use super::ChainHash;

/// One step from a leaf to the root: the sibling's hash and its side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// Whether the sibling is on the left.
    pub left: bool,
    /// Its hash.
    pub hash: ChainHash,
}

/// The hash over all of `leaves`; the genesis hash if there are none.
pub(super) fn root(leaves: &[ChainHash]) -> ChainHash {
    let mut level = leaves.to_vec();
    while level.len() > 1 {
        level = above(&level);
    }
    level.first().copied().unwrap_or(ChainHash::GENESIS)
}

/// The path from the leaf at `place` to the root; none if there is no such leaf.
pub(super) fn path(leaves: &[ChainHash], place: usize) -> Option<Vec<Step>> {
    let (mut level, mut place) = (leaves.to_vec(), place);
    level.get(place)?;
    let mut steps = Vec::new();
    while level.len() > 1 {
        let left = place % 2 == 1;
        let neighbour = if left { place.checked_sub(1) } else { place.checked_add(1) };
        // The odd last node has no sibling and moves up unchanged.
        if let Some(hash) = neighbour.and_then(|place| level.get(place)).copied() {
            steps.push(Step { left, hash });
        }
        level = above(&level);
        place /= 2;
    }
    Some(steps)
}

/// The root computed from `leaf` by `steps`.
pub(super) fn climb(leaf: ChainHash, steps: &[Step]) -> ChainHash {
    steps.iter().fold(
        leaf,
        |hash, step| {
            if step.left { pair(step.hash, hash) } else { pair(hash, step.hash) }
        },
    )
}

/// The hash of a leaf of `fields`, each preceded by its length.
pub(super) fn leaf<'a>(fields: impl IntoIterator<Item = &'a [u8]>) -> ChainHash {
    let mut hash = Sha256::new();
    hash.update([0]);
    for field in fields {
        hash.update(u64::try_from(field.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(field);
    }
    ChainHash::from_bytes(hash.finalize().into())
}

fn above(level: &[ChainHash]) -> Vec<ChainHash> {
    let up = |two: &[ChainHash]| match two {
        [one, other] => pair(*one, *other),
        rest => rest.first().copied().unwrap_or(ChainHash::GENESIS),
    };
    level.chunks(2).map(up).collect()
}

fn pair(one: ChainHash, other: ChainHash) -> ChainHash {
    let mut hash = Sha256::new();
    hash.update([1]);
    hash.update(one.bytes());
    hash.update(other.bytes());
    ChainHash::from_bytes(hash.finalize().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaves(count: u8) -> Vec<ChainHash> {
        (0..count).map(|number| leaf([&[number][..]])).collect()
    }

    #[test]
    fn every_leaf_of_every_tree_leads_to_its_root() {
        for count in 1..40 {
            let leaves = leaves(count);
            for (place, leaf) in leaves.iter().enumerate() {
                assert_eq!(climb(*leaf, &path(&leaves, place).unwrap()), root(&leaves), "{place} of {count}");
            }
            assert_eq!(path(&leaves, leaves.len()), None);
        }
    }

    #[test]
    fn another_leaf_does_not_lead_there() {
        let leaves = leaves(13);
        for place in 0..13 {
            let steps = path(&leaves, place).unwrap();
            for other in leaves.iter().enumerate().filter(|(other, _)| *other != place) {
                assert_ne!(climb(*other.1, &steps), root(&leaves));
            }
        }
    }

    #[test]
    fn a_pair_cannot_pass_for_a_leaf() {
        let two = leaves(2);
        let inside = [two[0].bytes().as_slice(), two[1].bytes()].concat();
        assert_ne!(root(&two), leaf([inside.as_slice()]));
    }
}
