//! Erasing personal data.

use async_trait::async_trait;
use billing_core::ledger::TextKey;
use billing_core::ports::{ErasedUpTo, Erasure, StoreError};
use billing_core::values::{AccountId, Metadata};

use super::MemoryStore;

#[async_trait]
impl Erasure for MemoryStore {
    /// All of it at once, whatever the limit.
    async fn erase(
        &self,
        account: AccountId,
        _after: ErasedUpTo,
        fresh: TextKey,
        _limit: u32,
    ) -> Result<Option<ErasedUpTo>, StoreError> {
        let mut state = self.lock();
        state.failure()?;
        if let Some(account) = state.cold.accounts.get_mut(&account) {
            (account.email, account.name, account.metadata) = (None, None, Metadata::default());
            account.text_key = fresh;
            account.version += 1;
        }
        let Some(ledger) = state.ledgers.by_account.get_mut(&account) else { return Ok(None) };
        let key = std::mem::replace(&mut ledger.balance.text_key, fresh);
        for entry in &mut ledger.entries {
            entry.erased = Some(entry.text(&key));
            (entry.description, entry.metadata) = (String::new(), Metadata::default());
        }
        for usage in &mut ledger.usages {
            usage.erased = Some(usage.text(&key));
            (usage.description, usage.metadata) = (String::new(), Metadata::default());
        }
        for grant in ledger.grants.values_mut() {
            (grant.description, grant.metadata) = (String::new(), Metadata::default());
        }
        for hold in ledger.holds.values_mut() {
            (hold.description, hold.metadata) = (String::new(), Metadata::default());
        }
        Ok(None)
    }
}
