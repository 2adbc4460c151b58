//! Reading subscriptions.

use async_trait::async_trait;
use billing_core::payments::Channel;
use billing_core::ports::{StoreError, SubscriptionReads};
use billing_core::subscriptions::Subscription;
use billing_core::values::{AccountId, SubscriptionId};

use super::MemoryStore;

#[async_trait]
impl SubscriptionReads for MemoryStore {
    async fn subscription_by_provider_id(
        &self,
        channel: Channel,
        provider_id: &str,
    ) -> Result<Option<Subscription>, StoreError> {
        let state = self.lock();
        let mut all = state.cold.subscriptions.values();
        Ok(all.find(|known| known.channel == channel && known.provider_id == provider_id).cloned())
    }

    async fn subscription(&self, id: SubscriptionId) -> Result<Option<Subscription>, StoreError> {
        Ok(self.lock().cold.subscriptions.get(&id).cloned())
    }

    async fn subscriptions(&self, account: AccountId) -> Result<Vec<Subscription>, StoreError> {
        let state = self.lock();
        let own = state.cold.subscriptions.values().filter(|known| known.account == account);
        let mut own: Vec<_> = own.cloned().collect();
        own.sort_by_key(|known| std::cmp::Reverse((known.started_at, known.id)));
        Ok(own)
    }
}
