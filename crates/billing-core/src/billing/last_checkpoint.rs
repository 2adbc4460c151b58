//! The last checkpoint that this process has seen.

use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;

use crate::ledger::CheckpointCopy;
use crate::ports::{CheckpointCopies, StoreError};

/// Keeps the last checkpoint while the process runs, if there are no copies outside: checkpoints that are rewritten or
/// removed meanwhile are detected, and nothing is signed on top of them.
#[derive(Debug, Default)]
pub(super) struct LastCheckpoint(Mutex<Option<CheckpointCopy>>);

#[async_trait]
impl CheckpointCopies for LastCheckpoint {
    async fn last(&self) -> Result<Option<CheckpointCopy>, StoreError> {
        Ok(self.0.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }

    async fn after(&self, _number: i64, _limit: u32) -> Result<Vec<CheckpointCopy>, StoreError> {
        Ok(Vec::new())
    }

    async fn append(&self, copy: CheckpointCopy) -> Result<(), StoreError> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(copy);
        Ok(())
    }
}
