//! Signed checkpoints of the ledger.
//!
//! A [`Checkpoint`] covers the heads of all accounts that were written to since the previous checkpoint, and that
//! checkpoint's hash. A saved checkpoint reveals any later change of what it covers, without trusting this service or
//! its database. [`CheckpointAuditor`] verifies all of them, also against copies outside of the database.

mod audit;
mod head;
mod index;
mod proof;
mod trust;

pub use audit::{CheckpointAuditor, CheckpointViolation};
pub use head::CheckpointHead;
pub use index::{CheckpointIndex, IndexedHead};
pub use proof::{Proof, ProofError};
pub use trust::{CheckpointKeys, InvalidKnownKey, KnownKey, SignatureCheck};

use super::ChainHash;
use super::hash_fields::HashFields;
use super::merkle::root;
use crate::values::Timestamp;

/// A signed root over the heads of accounts, chained to the previous checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Its number, from 1.
    pub number: i64,
    /// The hash of the previous checkpoint; the genesis hash for the first.
    pub previous: ChainHash,
    /// The root over its heads.
    pub root: ChainHash,
    /// The hash of its [`CheckpointIndex`].
    pub index: ChainHash,
    /// The number of heads.
    pub heads: u32,
    /// When it was created.
    pub created_at: Timestamp,
    /// The signature of [`hash`](Self::hash).
    pub signature: Vec<u8>,
    /// The key that it was signed with.
    pub public_key: Vec<u8>,
}

/// A checkpoint with its index: all that is needed to verify a database against it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckpointCopy {
    /// The checkpoint.
    pub checkpoint: Checkpoint,
    /// The index.
    pub index: CheckpointIndex,
}

/// A checkpoint as stored in a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckpointRecord {
    /// The checkpoint with its index.
    pub copy: CheckpointCopy,
    /// Its heads, in order.
    pub heads: Vec<CheckpointHead>,
}

/// Signs checkpoints. The service uses Ed25519 (RFC 8032).
pub trait CheckpointSigner: Send + Sync {
    /// The signature of `message`.
    fn sign(&self, message: &[u8]) -> Vec<u8>;
    /// The public key.
    fn public_key(&self) -> Vec<u8>;
}

impl CheckpointRecord {
    /// The signed checkpoint over `heads` after `last`.
    pub fn after(
        last: Option<&Checkpoint>,
        heads: Vec<CheckpointHead>,
        now: Timestamp,
        signer: &dyn CheckpointSigner,
    ) -> Self {
        let leaves: Vec<_> = heads.iter().map(CheckpointHead::leaf).collect();
        let index = CheckpointIndex::of(&heads);
        let mut checkpoint = Checkpoint {
            number: last.map_or(1, |last| last.number.saturating_add(1)),
            previous: last.map_or(ChainHash::GENESIS, Checkpoint::hash),
            root: root(&leaves),
            index: index.hash(),
            heads: u32::try_from(heads.len()).unwrap_or(u32::MAX),
            created_at: now,
            signature: Vec::new(),
            public_key: signer.public_key(),
        };
        checkpoint.signature = signer.sign(checkpoint.hash().bytes());
        Self { copy: CheckpointCopy { checkpoint, index }, heads }
    }
}

impl Checkpoint {
    /// The signed hash, which the next checkpoint contains: everything but the signature.
    pub fn hash(&self) -> ChainHash {
        let mut hash = HashFields::begin(b"billing checkpoint 1");
        hash.number(self.number);
        hash.field(self.previous.bytes());
        hash.field(self.root.bytes());
        hash.field(self.index.bytes());
        hash.number(i64::from(self.heads));
        hash.number(self.created_at.micros());
        hash.field(&self.public_key);
        hash.end()
    }
}

#[cfg(test)]
mod tests;
