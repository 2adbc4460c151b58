//! Reading orders.

use async_trait::async_trait;
use billing_core::orders::{Order, OrderStatus};
use billing_core::payments::Channel;
use billing_core::ports::{OrderReads, StoreError};
use billing_core::values::{
    AccountId, Cursor, Fingerprint, OrderId, Page, PageRequest, RequestKey, Timestamp,
};

use super::MemoryStore;
use super::paging::page;

#[async_trait]
impl OrderReads for MemoryStore {
    async fn order(&self, id: OrderId) -> Result<Option<Order>, StoreError> {
        Ok(self.lock().cold.orders.get(&id).cloned())
    }

    async fn orders(&self, account: AccountId, wanted: &PageRequest) -> Result<Page<Order>, StoreError> {
        let state = self.lock();
        let newest_first = state.cold.orders.values().rev().filter(|order| order.account == account).cloned();
        page(newest_first, wanted, Cursor::order, |order| order.id, Cursor::of_order)
    }

    async fn order_by_session(&self, channel: Channel, session: &str) -> Result<Option<Order>, StoreError> {
        let has = |order: &&Order| order.session.as_ref().is_some_and(|open| open.id == session);
        let state = self.lock();
        let mut orders = state.cold.orders.values().filter(|order| order.channel == channel);
        Ok(orders.find(has).cloned())
    }

    async fn order_by_subscription(
        &self,
        channel: Channel,
        subscription: &str,
    ) -> Result<Option<Order>, StoreError> {
        let state = self.lock();
        let mut orders = state.cold.orders.values().filter(|order| order.channel == channel);
        Ok(orders.find(|order| order.refs.subscription.as_deref() == Some(subscription)).cloned())
    }

    async fn unpaid_orders(&self, closed_before: Timestamp, limit: u32) -> Result<Vec<Order>, StoreError> {
        let closed_at = |order: &Order| match &order.session {
            Some(session) => session.expires_at,
            None => order.created_at.plus_days(1),
        };
        let unpaid = |order: &&Order| {
            order.status == OrderStatus::Pending
                && order.refs.payment.is_none()
                && order.refs.subscription.is_none()
                && closed_at(order) < closed_before
        };
        let state = self.lock();
        let mut found: Vec<Order> = state.cold.orders.values().filter(unpaid).cloned().collect();
        found.sort_by_key(|order| (closed_at(order), order.id));
        found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(found)
    }

    async fn order_by_request(
        &self,
        account: AccountId,
        key: &RequestKey,
    ) -> Result<Option<Order>, StoreError> {
        let state = self.lock();
        let mut orders = state.cold.orders.values().filter(|order| order.account == account);
        Ok(orders.find(|order| order.request.key.as_ref() == Some(key)).cloned())
    }

    async fn open_order(
        &self,
        account: AccountId,
        request: &Fingerprint,
        now: Timestamp,
    ) -> Result<Option<Order>, StoreError> {
        let state = self.lock();
        let mut newest_first = state.cold.orders.values().rev();
        let newest =
            newest_first.find(|order| order.account == account && order.request.fingerprint == *request);
        Ok(newest.filter(|order| order.open_session(now).is_some()).cloned())
    }
}
