//! Roots that are published every so often.
//!
//! A checkpoint covers the heads of all accounts that were written to since the checkpoint before, and that checkpoint's own hash.
//! Whoever kept one checkpoint can tell whether anything that it covers was changed since, without trusting this service
//! or its database.

use super::merkle::{Step, climb, leaf, path, root};
use super::{Balance, ChainHash};
use crate::values::{AccountId, Timestamp};

/// How far an account had come when the checkpoint was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CheckpointHead {
    /// Which account.
    pub account: AccountId,
    /// The number of its last entry.
    pub seq: i64,
    /// The hash of that entry.
    pub head: ChainHash,
    /// The number of its last usage.
    pub usages: i64,
    /// The hash of that usage.
    pub usage_head: ChainHash,
}

/// A published root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Its number, from 1.
    pub number: i64,
    /// The hash of the checkpoint before; the genesis hash for the first.
    pub previous: ChainHash,
    /// The root over the heads that it covers.
    pub root: ChainHash,
    /// How many heads those are.
    pub heads: u32,
    /// When it was made.
    pub created_at: Timestamp,
    /// The signature of [`hash`](Self::hash).
    pub signature: Vec<u8>,
    /// The key that it was signed with.
    pub public_key: Vec<u8>,
}

/// What shows that a checkpoint covers an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// How far the account had come.
    pub head: CheckpointHead,
    /// The checkpoint.
    pub checkpoint: Checkpoint,
    /// The way from the account to the checkpoint's root.
    pub path: Vec<Step>,
}

/// Why a proof proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The way does not lead to the root.
    #[error("the path from the account's head leads to {found}, the checkpoint's root is {root}")]
    WrongRoot {
        /// Where it leads.
        found: ChainHash,
        /// What the checkpoint says.
        root: ChainHash,
    },
    /// The signature is not that of the key over the checkpoint.
    #[error("the checkpoint's signature is not that of its key")]
    WrongSignature,
}

/// Signs checkpoints. Keys and algorithms are the outside's business; Ed25519 (RFC 8032) is what the service brings.
pub trait CheckpointSigner: Send + Sync {
    /// The signature of `message`.
    fn sign(&self, message: &[u8]) -> Vec<u8>;
    /// The key that checks it.
    fn public_key(&self) -> Vec<u8>;
}

impl CheckpointHead {
    /// The head of a kept row.
    pub fn of(balance: &Balance) -> Self {
        Self {
            account: balance.account,
            seq: balance.seq,
            head: balance.head,
            usages: balance.usages,
            usage_head: balance.usage_head,
        }
    }

    /// Its leaf in the tree.
    pub fn leaf(&self) -> ChainHash {
        let (account, seq) = (self.account.uuid(), self.seq.to_be_bytes());
        let (head, usages) = (self.head.bytes(), self.usages.to_be_bytes());
        let usage_head = self.usage_head.bytes();
        leaf([b"billing head 1".as_slice(), account.as_bytes(), &seq, head, &usages, usage_head])
    }
}

impl Checkpoint {
    /// The checkpoint over `heads` after `last`, signed.
    pub fn after(
        last: Option<&Self>,
        heads: &[CheckpointHead],
        now: Timestamp,
        signer: &dyn CheckpointSigner,
    ) -> Self {
        let leaves: Vec<_> = heads.iter().map(CheckpointHead::leaf).collect();
        let mut checkpoint = Self {
            number: last.map_or(1, |last| last.number.saturating_add(1)),
            previous: last.map_or(ChainHash::GENESIS, Self::hash),
            root: root(&leaves),
            heads: u32::try_from(heads.len()).unwrap_or(u32::MAX),
            created_at: now,
            signature: Vec::new(),
            public_key: signer.public_key(),
        };
        checkpoint.signature = signer.sign(checkpoint.hash().bytes());
        checkpoint
    }

    /// What is signed, and what the next checkpoint names: everything but the signature.
    pub fn hash(&self) -> ChainHash {
        leaf([
            b"billing checkpoint 1".as_slice(),
            &self.number.to_be_bytes(),
            self.previous.bytes(),
            self.root.bytes(),
            &self.heads.to_be_bytes(),
            &self.created_at.micros().to_be_bytes(),
            &self.public_key,
        ])
    }
}

impl Proof {
    /// The proof for the head at `place` among all `heads` of `checkpoint`.
    pub fn of(checkpoint: Checkpoint, heads: &[CheckpointHead], place: usize) -> Option<Self> {
        let leaves: Vec<_> = heads.iter().map(CheckpointHead::leaf).collect();
        Some(Self { head: *heads.get(place)?, path: path(&leaves, place)?, checkpoint })
    }

    /// Checks it. `verify` says whether a signature (third) is that of a key (first) over a message (second).
    ///
    /// # Errors
    ///
    /// [`ProofError`] if the account, the way, the root or the signature were changed.
    pub fn check(&self, verify: impl FnOnce(&[u8], &[u8], &[u8]) -> bool) -> Result<(), ProofError> {
        let (found, root) = (climb(self.head.leaf(), &self.path), self.checkpoint.root);
        if found != root {
            return Err(ProofError::WrongRoot { found, root });
        }
        if verify(&self.checkpoint.public_key, self.checkpoint.hash().bytes(), &self.checkpoint.signature) {
            Ok(())
        } else {
            Err(ProofError::WrongSignature)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Signs by repeating; enough to see what is signed.
    struct Parrot;

    impl CheckpointSigner for Parrot {
        fn sign(&self, message: &[u8]) -> Vec<u8> {
            message.to_vec()
        }

        fn public_key(&self) -> Vec<u8> {
            b"parrot".to_vec()
        }
    }

    fn heads() -> Vec<CheckpointHead> {
        let head = |number: u8| CheckpointHead {
            account: AccountId::from_uuid(uuid::Uuid::from_u128(u128::from(number))),
            seq: i64::from(number),
            head: ChainHash::from_bytes([number; 32]),
            usages: 0,
            usage_head: ChainHash::GENESIS,
        };
        (1..6).map(head).collect()
    }

    fn repeats(_: &[u8], message: &[u8], signature: &[u8]) -> bool {
        message == signature
    }

    #[test]
    fn a_proof_holds_until_anything_in_it_is_changed() {
        let checkpoint = Checkpoint::after(None, &heads(), Timestamp::EPOCH, &Parrot);
        let proof = Proof::of(checkpoint, &heads(), 2).unwrap();
        assert_eq!(proof.check(repeats), Ok(()));
        let changes: [fn(&mut Proof); 10] = [
            |proof| proof.head.usages += 1,
            |proof| proof.head.usage_head = ChainHash::from_bytes([7; 32]),
            |proof| proof.head.seq += 1,
            |proof| proof.head.head = ChainHash::GENESIS,
            |proof| proof.head.account = AccountId::from_uuid(uuid::Uuid::from_u128(9)),
            |proof| proof.path.truncate(1),
            |proof| proof.checkpoint.previous = ChainHash::from_bytes([7; 32]),
            |proof| proof.checkpoint.number = 2,
            |proof| proof.checkpoint.created_at = Timestamp::from_micros(1),
            |proof| proof.checkpoint.root = ChainHash::GENESIS,
        ];
        for change in changes {
            let mut other = proof.clone();
            change(&mut other);
            assert!(other.check(repeats).is_err());
        }
    }

    #[test]
    fn each_checkpoint_names_the_one_before() {
        let first = Checkpoint::after(None, &heads(), Timestamp::EPOCH, &Parrot);
        let second = Checkpoint::after(Some(&first), &[], Timestamp::EPOCH, &Parrot);
        assert_eq!((second.number, second.previous), (2, first.hash()));
    }
}
