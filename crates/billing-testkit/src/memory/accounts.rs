//! Reading accounts.

use std::collections::BTreeMap;

use async_trait::async_trait;
use billing_core::accounts::{Account, ExternalId};
use billing_core::payments::Channel;
use billing_core::ports::{AccountReads, StoreError};
use billing_core::values::AccountId;

use super::MemoryStore;

#[async_trait]
impl AccountReads for MemoryStore {
    async fn account(&self, id: AccountId) -> Result<Option<Account>, StoreError> {
        Ok(self.lock().cold.accounts.get(&id).cloned())
    }

    async fn account_by_external_id(&self, id: &ExternalId) -> Result<Option<Account>, StoreError> {
        Ok(self.lock().cold.accounts.values().find(|account| account.external_id == *id).cloned())
    }

    async fn account_ids(&self, names: &[ExternalId]) -> Result<BTreeMap<ExternalId, AccountId>, StoreError> {
        let state = self.lock();
        let wanted = state.cold.accounts.values().filter(|account| names.contains(&account.external_id));
        Ok(wanted.map(|account| (account.external_id.clone(), account.id)).collect())
    }

    async fn external_ids(&self, ids: &[AccountId]) -> Result<BTreeMap<AccountId, ExternalId>, StoreError> {
        let state = self.lock();
        let wanted = ids.iter().filter_map(|id| state.cold.accounts.get(id));
        Ok(wanted.map(|account| (account.id, account.external_id.clone())).collect())
    }

    async fn provider_customer(
        &self,
        channel: Channel,
        account: AccountId,
    ) -> Result<Option<String>, StoreError> {
        let state = self.lock();
        Ok(state.cold.current_customer(channel, account).map(str::to_owned))
    }

    async fn account_of_customer(
        &self,
        channel: Channel,
        customer: &str,
    ) -> Result<Option<AccountId>, StoreError> {
        let state = self.lock();
        let found =
            state.cold.customers.iter().find(|row| row.channel == channel && row.customer == customer);
        Ok(found.map(|row| row.account))
    }
}
