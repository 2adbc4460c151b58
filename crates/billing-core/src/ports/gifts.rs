//! Gifts.

use async_trait::async_trait;

use super::StoreError;
use crate::gifts::{Gift, GiftCode, GiftStatus};
use crate::values::{AccountId, GiftId, OrderId, Page, PageRequest, RequestKey};

/// Which gifts. What is not said is not asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct GiftFilter {
    /// Who bought them.
    pub buyer: Option<AccountId>,
    /// Where they stand.
    pub status: Option<GiftStatus>,
}

/// Gifts.
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
}
