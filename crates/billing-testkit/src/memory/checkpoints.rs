//! Published roots.

use async_trait::async_trait;
use billing_core::ledger::{Checkpoint, CheckpointHead};
use billing_core::ports::{Checkpoints, StoreError};
use billing_core::values::AccountId;

use super::MemoryStore;

#[async_trait]
impl Checkpoints for MemoryStore {
    async fn last_checkpoint(&self) -> Result<Option<Checkpoint>, StoreError> {
        Ok(self.lock().ledgers.checkpoints.last().map(|(checkpoint, _)| checkpoint.clone()))
    }

    async fn uncovered_heads(&self, limit: u32) -> Result<Vec<CheckpointHead>, StoreError> {
        let state = self.lock();
        let heads = state.ledgers.by_account.values().map(|ledger| CheckpointHead::of(&ledger.balance));
        let covered = |head: &CheckpointHead| {
            let mut all = state.ledgers.checkpoints.iter().flat_map(|(_, heads)| heads);
            all.any(|other| other == head)
        };
        let open = heads.filter(|head| (head.seq > 0 || head.usages > 0) && !covered(head));
        Ok(open.take(usize::try_from(limit).unwrap_or(usize::MAX)).collect())
    }

    async fn keep_checkpoint(
        &self,
        checkpoint: Checkpoint,
        heads: Vec<CheckpointHead>,
    ) -> Result<bool, StoreError> {
        let mut state = self.lock();
        state.failure()?;
        let taken = state.ledgers.checkpoints.iter().any(|(other, _)| other.number == checkpoint.number);
        if !taken {
            state.ledgers.checkpoints.push((checkpoint, heads));
        }
        Ok(!taken)
    }

    async fn latest_checkpoint_of(
        &self,
        account: AccountId,
    ) -> Result<Option<(Checkpoint, Vec<CheckpointHead>)>, StoreError> {
        let state = self.lock();
        let mut newest_first = state.ledgers.checkpoints.iter().rev();
        Ok(newest_first.find(|(_, heads)| heads.iter().any(|head| head.account == account)).cloned())
    }
}
