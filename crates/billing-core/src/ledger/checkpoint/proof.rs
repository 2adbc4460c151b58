//! Inclusion proofs of accounts in checkpoints.

use super::{Checkpoint, CheckpointHead};
use crate::ledger::ChainHash;
use crate::ledger::merkle::{Step, climb, path};

/// Proves that a checkpoint covers an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// The account's head.
    pub head: CheckpointHead,
    /// The checkpoint.
    pub checkpoint: Checkpoint,
    /// The path from the account's leaf to the checkpoint's root.
    pub path: Vec<Step>,
}

/// Why a proof is invalid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The path does not lead to the root.
    #[error("the path from the account's head leads to {found}, the checkpoint's root is {root}")]
    WrongRoot {
        /// The computed root.
        found: ChainHash,
        /// The checkpoint's root.
        root: ChainHash,
    },
    /// The checkpoint's signature is invalid for the key.
    #[error("the checkpoint's signature is not that of its key")]
    WrongSignature,
}

impl Proof {
    /// The proof for the head at `place` in the `heads` of `checkpoint`.
    pub fn of(checkpoint: Checkpoint, heads: &[CheckpointHead], place: usize) -> Option<Self> {
        let leaves: Vec<_> = heads.iter().map(CheckpointHead::leaf).collect();
        Some(Self { head: *heads.get(place)?, path: path(&leaves, place)?, checkpoint })
    }

    /// Verifies it. `verify` returns whether a signature (third) by a key (first) over a message (second) is valid.
    ///
    /// # Errors
    ///
    /// [`ProofError`] if the account, the path, the root or the signature were changed.
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
