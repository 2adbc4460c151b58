//! Copies of checkpoints outside of the database.

use async_trait::async_trait;

use super::StoreError;
use crate::ledger::CheckpointCopy;

/// Copies of checkpoints outside of the database, out of reach of its users.
#[async_trait]
pub trait CheckpointCopies: Send + Sync {
    /// The last copy.
    ///
    /// # Errors
    ///
    /// [`StoreError::CheckpointCopies`] if the copies cannot be read; the same for all methods.
    async fn last(&self) -> Result<Option<CheckpointCopy>, StoreError>;

    /// Up to `limit` copies with numbers after `number`, by number.
    async fn after(&self, number: i64, limit: u32) -> Result<Vec<CheckpointCopy>, StoreError>;

    /// Appends a copy so that it survives a crash of the machine.
    async fn append(&self, copy: CheckpointCopy) -> Result<(), StoreError>;
}
