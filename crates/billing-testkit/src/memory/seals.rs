//! Published roots.

use async_trait::async_trait;
use billing_core::ledger::{Seal, SealedHead};
use billing_core::ports::{Seals, StoreError};
use billing_core::values::AccountId;

use super::MemoryStore;

#[async_trait]
impl Seals for MemoryStore {
    async fn last_seal(&self) -> Result<Option<Seal>, StoreError> {
        Ok(self.lock().ledgers.seals.last().map(|(seal, _)| seal.clone()))
    }

    async fn unsealed_heads(&self, limit: u32) -> Result<Vec<SealedHead>, StoreError> {
        let state = self.lock();
        let heads = state.ledgers.by_account.values().map(|ledger| SealedHead::of(&ledger.balance));
        let sealed = |head: &SealedHead| {
            let mut all = state.ledgers.seals.iter().flat_map(|(_, heads)| heads);
            all.any(|other| other == head)
        };
        let open = heads.filter(|head| (head.seq > 0 || head.usages > 0) && !sealed(head));
        Ok(open.take(usize::try_from(limit).unwrap_or(usize::MAX)).collect())
    }

    async fn keep_seal(&self, seal: Seal, heads: Vec<SealedHead>) -> Result<bool, StoreError> {
        let mut state = self.lock();
        state.failure()?;
        let taken = state.ledgers.seals.iter().any(|(other, _)| other.number == seal.number);
        if !taken {
            state.ledgers.seals.push((seal, heads));
        }
        Ok(!taken)
    }

    async fn seal_of(&self, account: AccountId) -> Result<Option<(Seal, Vec<SealedHead>)>, StoreError> {
        let state = self.lock();
        let mut newest_first = state.ledgers.seals.iter().rev();
        Ok(newest_first.find(|(_, heads)| heads.iter().any(|head| head.account == account)).cloned())
    }
}
