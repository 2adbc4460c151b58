//! Checkpoints.

use async_trait::async_trait;
use billing_core::ledger::{Checkpoint, CheckpointHead, CheckpointRecord};
use billing_core::ports::{Checkpoints, StoreError};
use billing_core::values::AccountId;

use super::MemoryStore;

#[async_trait]
impl Checkpoints for MemoryStore {
    async fn last_checkpoint(&self) -> Result<Option<Checkpoint>, StoreError> {
        Ok(self.lock().ledgers.checkpoints.last().map(|record| record.copy.checkpoint.clone()))
    }

    async fn uncovered_heads(&self, limit: u32) -> Result<Vec<CheckpointHead>, StoreError> {
        let state = self.lock();
        let heads = state.ledgers.by_account.values().map(|ledger| CheckpointHead::of(&ledger.balance));
        let covered = |head: &CheckpointHead| {
            let mut all = state.ledgers.checkpoints.iter().flat_map(|record| &record.heads);
            all.any(|other| other == head)
        };
        let open = heads.filter(|head| (head.seq > 0 || head.usages > 0) && !covered(head));
        Ok(open.take(usize::try_from(limit).unwrap_or(usize::MAX)).collect())
    }

    async fn keep_checkpoint(&self, record: CheckpointRecord) -> Result<bool, StoreError> {
        let mut state = self.lock();
        state.failure()?;
        let number = record.copy.checkpoint.number;
        let taken = state.ledgers.checkpoints.iter().any(|other| other.copy.checkpoint.number == number);
        if !taken {
            state.ledgers.checkpoints.push(record);
        }
        Ok(!taken)
    }

    async fn checkpoints(&self, number: i64, limit: u32) -> Result<Vec<CheckpointRecord>, StoreError> {
        let state = self.lock();
        let later = state.ledgers.checkpoints.iter().filter(|record| record.copy.checkpoint.number > number);
        Ok(later.take(usize::try_from(limit).unwrap_or(usize::MAX)).cloned().collect())
    }

    async fn checkpoint_heads(&self, number: i64) -> Result<Vec<CheckpointHead>, StoreError> {
        let state = self.lock();
        let mut all = state.ledgers.checkpoints.iter();
        let found = all.find(|record| record.copy.checkpoint.number == number);
        Ok(found.map(|record| record.heads.clone()).unwrap_or_default())
    }

    async fn latest_checkpoint_of(
        &self,
        account: AccountId,
    ) -> Result<Option<(Checkpoint, Vec<CheckpointHead>)>, StoreError> {
        let state = self.lock();
        let mut newest_first = state.ledgers.checkpoints.iter().rev();
        let found = newest_first.find(|record| record.heads.iter().any(|head| head.account == account));
        Ok(found.map(|record| (record.copy.checkpoint.clone(), record.heads.clone())))
    }
}
