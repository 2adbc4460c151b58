//! What shows that a checkpoint covers an account.

use super::{Checkpoint, CheckpointHead};
use crate::ledger::ChainHash;
use crate::ledger::merkle::{Step, climb, path};

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
