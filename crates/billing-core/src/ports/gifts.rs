//! Gifts.

use async_trait::async_trait;

use super::StoreError;
use crate::gifts::{Gift, GiftCode, GiftStatus};
use crate::subscriptions::Subscription;
use crate::values::{AccountId, GiftId, OrderId, Page, PageRequest, RequestKey, Timestamp};

/// Which gifts. What is not said is not asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct GiftFilter {
    /// Who bought them.
    pub buyer: Option<AccountId>,
    /// Where they stand.
    pub status: Option<GiftStatus>,
}

/// Gifts, and the subscriptions that nobody collects for.
#[async_trait]
pub trait GiftReads: Send + Sync {
    /// The gift with this id.
    async fn gift(&self, id: GiftId) -> Result<Option<Gift>, StoreError>;
    /// The gift with this code.
    async fn gift_by_code(&self, code: &GiftCode) -> Result<Option<Gift>, StoreError>;
    /// The gift that an order pays.
    async fn gift_of_order(&self, order: OrderId) -> Result<Option<Gift>, StoreError>;
    /// The gift that the account has by a request with this key.
    async fn gift_by_request(&self, account: AccountId, key: &RequestKey)
    -> Result<Option<Gift>, StoreError>;
    /// The gifts that `filter` lets through, newest first by id. Cursors are
    /// [`Cursor::of_id`](crate::values::Cursor::of_id).
    ///
    /// # Errors
    ///
    /// [`StoreError::Corrupt`] if the cursor is not one of these; callers check it before they ask.
    async fn gifts(&self, filter: &GiftFilter, page: &PageRequest) -> Result<Page<Gift>, StoreError>;
    /// Up to `limit` subscriptions that nobody collects for, that are kept as active, and whose period is over at `now`;
    /// the longest over first.
    async fn gifts_over(&self, now: Timestamp, limit: u32) -> Result<Vec<Subscription>, StoreError>;
}
