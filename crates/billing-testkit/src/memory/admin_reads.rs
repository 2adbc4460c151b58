//! Lists for operators.

use async_trait::async_trait;
use billing_core::gifts::Gift;
use billing_core::orders::Order;
use billing_core::payments::Payment;
use billing_core::ports::{AdminReads, GiftFilter, OrderFilter, StoreError, SubscriptionFilter};
use billing_core::subscriptions::Subscription;
use billing_core::values::{AccountId, Cursor, Page, PageRequest};

use super::MemoryStore;
use super::paging::page;

#[async_trait]
impl AdminReads for MemoryStore {
    async fn all_orders(
        &self,
        filter: &OrderFilter,
        wanted: &PageRequest,
    ) -> Result<Page<Order>, StoreError> {
        let fits = |order: &&Order| fits(filter.account, order.account) && fits(filter.status, order.status);
        let state = self.lock();
        let newest_first = state.cold.orders.values().rev().filter(fits).cloned();
        page(newest_first, wanted, Cursor::id, |order| order.id, Cursor::of_id)
    }

    async fn all_payments(
        &self,
        account: Option<AccountId>,
        wanted: &PageRequest,
    ) -> Result<Page<Payment>, StoreError> {
        let state = self.lock();
        let newest_first = state.cold.payments.values().rev().filter(|known| fits(account, known.account));
        page(newest_first.cloned(), wanted, Cursor::id, |payment| payment.id, Cursor::of_id)
    }

    async fn all_subscriptions(
        &self,
        filter: &SubscriptionFilter,
        wanted: &PageRequest,
    ) -> Result<Page<Subscription>, StoreError> {
        let fits = |known: &&Subscription| {
            fits(filter.account, known.account)
                && fits(filter.status, known.status)
                && fits(filter.role, known.role)
        };
        let state = self.lock();
        let newest_first = state.cold.subscriptions.values().rev().filter(fits).cloned();
        page(newest_first, wanted, Cursor::id, |subscription| subscription.id, Cursor::of_id)
    }

    async fn all_gifts(&self, filter: &GiftFilter, wanted: &PageRequest) -> Result<Page<Gift>, StoreError> {
        let fits = |gift: &&Gift| {
            filter.buyer.is_none_or(|buyer| gift.buyer() == Some(buyer)) && fits(filter.status, gift.status)
        };
        let state = self.lock();
        let newest_first = state.cold.gifts.values().rev().filter(fits).cloned();
        page(newest_first, wanted, Cursor::id, |gift| gift.id, Cursor::of_id)
    }
}

fn fits<T: PartialEq + Copy>(wanted: Option<T>, is: T) -> bool {
    wanted.is_none_or(|wanted| wanted == is)
}
