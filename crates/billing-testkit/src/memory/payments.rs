//! Reading payments.

use async_trait::async_trait;
use billing_core::payments::{Channel, Payment, PaymentMethod, PaymentRefs};
use billing_core::ports::{PaymentReads, StoreError};
use billing_core::values::{AccountId, OrderId, PaymentId, Timestamp};

use super::MemoryStore;

#[async_trait]
impl PaymentReads for MemoryStore {
    async fn payment(&self, id: PaymentId) -> Result<Option<Payment>, StoreError> {
        Ok(self.lock().cold.payments.get(&id).cloned())
    }

    async fn payment_by_refs(
        &self,
        channel: Channel,
        refs: &PaymentRefs,
    ) -> Result<Option<Payment>, StoreError> {
        let state = self.lock();
        let find = |has: &dyn Fn(&PaymentRefs) -> bool| {
            let mut all = state.cold.payments.values();
            all.find(|known| known.channel == channel && has(&known.refs)).cloned()
        };
        let by_payment = find(&|known| refs.payment.is_some() && known.payment == refs.payment);
        Ok(by_payment.or_else(|| find(&|known| refs.invoice.is_some() && known.invoice == refs.invoice)))
    }

    async fn payments_of_subscription(
        &self,
        channel: Channel,
        subscription: &str,
        since: Option<Timestamp>,
    ) -> Result<Vec<Payment>, StoreError> {
        let state = self.lock();
        let covers = |known: &&Payment| {
            let covered = known.covers.as_ref().filter(|covered| covered.subscription == subscription);
            let recent = covered.filter(|covered| since.is_none_or(|since| since <= covered.end()));
            known.channel == channel && recent.is_some()
        };
        Ok(state.cold.payments.values().filter(covers).cloned().collect())
    }

    async fn payment_method(&self, channel: Channel, id: &str) -> Result<Option<PaymentMethod>, StoreError> {
        Ok(self.lock().cold.payment_methods.get(&(channel, id.to_owned())).cloned())
    }

    async fn payment_method_of(&self, account: AccountId) -> Result<Option<PaymentMethod>, StoreError> {
        let state = self.lock();
        let own =
            state.cold.payment_methods.values().filter(|known| known.account == account && !known.removed);
        Ok(own.max_by_key(|known| (known.provider_updated_at, known.provider_id.clone())).cloned())
    }

    async fn payments(&self, account: AccountId, limit: u32) -> Result<Vec<Payment>, StoreError> {
        let state = self.lock();
        let own = state.cold.payments.values().rev().filter(|known| known.account == account);
        Ok(own.take(usize::try_from(limit).unwrap_or(usize::MAX)).cloned().collect())
    }

    async fn payments_of_order(&self, order: OrderId) -> Result<Vec<Payment>, StoreError> {
        let state = self.lock();
        Ok(state.cold.payments.values().filter(|known| known.order == Some(order)).cloned().collect())
    }
}
