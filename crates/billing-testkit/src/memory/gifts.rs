//! Gifts.

use async_trait::async_trait;
use billing_core::gifts::{Gift, GiftCode};
use billing_core::ports::{GiftFilter, GiftReads, StoreError};
use billing_core::values::{AccountId, Cursor, GiftId, OrderId, Page, PageRequest, RequestKey};

use super::MemoryStore;
use super::paging::page;

impl MemoryStore {
    fn find_gift(&self, is: impl Fn(&Gift) -> bool) -> Option<Gift> {
        self.lock().cold.gifts.values().find(|gift| is(gift)).cloned()
    }
}

#[async_trait]
impl GiftReads for MemoryStore {
    async fn gift(&self, id: GiftId) -> Result<Option<Gift>, StoreError> {
        Ok(self.find_gift(|gift| gift.id == id))
    }

    async fn gift_by_code(&self, code: &GiftCode) -> Result<Option<Gift>, StoreError> {
        Ok(self.find_gift(|gift| gift.code() == Some(code)))
    }

    async fn gift_of_order(&self, order: OrderId) -> Result<Option<Gift>, StoreError> {
        Ok(self.find_gift(|gift| gift.order() == Some(order)))
    }

    async fn gift_by_request(
        &self,
        account: AccountId,
        key: &RequestKey,
    ) -> Result<Option<Gift>, StoreError> {
        Ok(self.find_gift(|gift| {
            let redeemed = gift.redeemed.as_ref();
            redeemed.is_some_and(|one| one.by == account && one.request.as_ref() == Some(key))
        }))
    }

    async fn gifts(&self, filter: &GiftFilter, wanted: &PageRequest) -> Result<Page<Gift>, StoreError> {
        let fits = |gift: &&Gift| {
            filter.buyer.is_none_or(|buyer| gift.buyer() == Some(buyer))
                && filter.status.is_none_or(|status| gift.status == status)
        };
        let state = self.lock();
        let newest_first = state.cold.gifts.values().rev().filter(fits).cloned();
        page(newest_first, wanted, Cursor::id, |gift| gift.id, Cursor::of_id)
    }
}
