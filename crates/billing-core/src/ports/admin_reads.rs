//! Lists for operators.

use async_trait::async_trait;

use super::StoreError;
use crate::gifts::{Gift, GiftStatus};
use crate::orders::{Order, OrderStatus};
use crate::payments::Payment;
use crate::subscriptions::{Subscription, SubscriptionRole, SubscriptionStatus};
use crate::values::{AccountId, Page, PageRequest};

/// A filter of orders. An empty field does not restrict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OrderFilter {
    /// The owner.
    pub account: Option<AccountId>,
    /// The status.
    pub status: Option<OrderStatus>,
}

/// A filter of subscriptions. An empty field does not restrict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SubscriptionFilter {
    /// The owner.
    pub account: Option<AccountId>,
    /// The status.
    pub status: Option<SubscriptionStatus>,
    /// The role among the account's subscriptions.
    pub role: Option<SubscriptionRole>,
}

/// A filter of gifts. An empty field does not restrict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct GiftFilter {
    /// The buyer.
    pub buyer: Option<AccountId>,
    /// The status.
    pub status: Option<GiftStatus>,
}

/// Sales of all accounts or of one, newest first by id: the lists of operators, and those of an account's own sales.
/// Cursors are [`Cursor::of_id`](crate::values::Cursor::of_id).
///
/// # Errors
///
/// Each method returns [`StoreError::Corrupt`] if the cursor has another form; callers validate it first.
#[async_trait]
pub trait AdminReads: Send + Sync {
    /// The orders that match `filter`.
    async fn all_orders(&self, filter: &OrderFilter, page: &PageRequest) -> Result<Page<Order>, StoreError>;
    /// The payments, or those of one account.
    async fn all_payments(
        &self,
        account: Option<AccountId>,
        page: &PageRequest,
    ) -> Result<Page<Payment>, StoreError>;
    /// The subscriptions that match `filter`.
    async fn all_subscriptions(
        &self,
        filter: &SubscriptionFilter,
        page: &PageRequest,
    ) -> Result<Page<Subscription>, StoreError>;
    /// The gifts that match `filter`.
    async fn all_gifts(&self, filter: &GiftFilter, page: &PageRequest) -> Result<Page<Gift>, StoreError>;
}
