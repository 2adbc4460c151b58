//! What operators look through.

use async_trait::async_trait;

use super::StoreError;
use crate::gifts::{Gift, GiftStatus};
use crate::orders::{Order, OrderStatus};
use crate::payments::Payment;
use crate::subscriptions::{Subscription, SubscriptionRole, SubscriptionStatus};
use crate::values::{AccountId, Page, PageRequest};

/// Which orders. What is not said is not asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OrderFilter {
    /// Whose.
    pub account: Option<AccountId>,
    /// Where they stand.
    pub status: Option<OrderStatus>,
}

/// Which subscriptions. What is not said is not asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SubscriptionFilter {
    /// Whose.
    pub account: Option<AccountId>,
    /// Where they stand.
    pub status: Option<SubscriptionStatus>,
    /// How they stand beside the account's others.
    pub role: Option<SubscriptionRole>,
}

/// Which gifts. What is not said is not asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct GiftFilter {
    /// Who bought them.
    pub buyer: Option<AccountId>,
    /// Where they stand.
    pub status: Option<GiftStatus>,
}

/// What was sold, to all accounts or to one, in lists that come newest first by id: what operators look through, and
/// what accounts are shown of their own. Cursors are [`Cursor::of_id`](crate::values::Cursor::of_id).
///
/// # Errors
///
/// Each method: [`StoreError::Corrupt`] if the cursor is not one of these; callers check it before they ask.
#[async_trait]
pub trait AdminReads: Send + Sync {
    /// The orders that `filter` lets through.
    async fn all_orders(&self, filter: &OrderFilter, page: &PageRequest) -> Result<Page<Order>, StoreError>;
    /// The payments, or those of one account.
    async fn all_payments(
        &self,
        account: Option<AccountId>,
        page: &PageRequest,
    ) -> Result<Page<Payment>, StoreError>;
    /// The subscriptions that `filter` lets through.
    async fn all_subscriptions(
        &self,
        filter: &SubscriptionFilter,
        page: &PageRequest,
    ) -> Result<Page<Subscription>, StoreError>;
    /// The gifts that `filter` lets through.
    async fn all_gifts(&self, filter: &GiftFilter, page: &PageRequest) -> Result<Page<Gift>, StoreError>;
}
