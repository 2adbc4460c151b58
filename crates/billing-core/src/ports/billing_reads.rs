//! What accounts bought, pay, redeemed and were given.

use std::collections::BTreeMap;

use async_trait::async_trait;

use super::StoreError;
use crate::accounts::{Account, ExternalId};
use crate::checkin::CheckIn;
use crate::coupons::Redemption;
use crate::gifts::{Gift, GiftCode};
use crate::orders::{Order, OrderSlot};
use crate::payments::{Channel, Payment, PaymentMethod, PaymentRefs};
use crate::subscriptions::Subscription;
use crate::values::{
    AccountId, CouponId, Day, GiftId, OrderId, PaymentId, RedemptionId, RequestKey, SubscriptionId, Timestamp,
};

/// Which account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountRef<'a> {
    /// The account with this id.
    Id(AccountId),
    /// The account that the host product calls so.
    External(&'a ExternalId),
}

/// Which order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderRef<'a> {
    /// The order with this id.
    Id(OrderId),
    /// The order that a provider's checkout pays.
    Session(Channel, &'a str),
    /// The order whose checkout began the subscription that the provider calls so.
    Subscription(Channel, &'a str),
    /// The order that the account's request with this key made.
    Request(AccountId, &'a RequestKey),
    /// The account's pending order that holds this slot.
    Slot(AccountId, &'a OrderSlot),
    /// Any order of the account that was ever paid.
    Paid(AccountId),
}

/// Which payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaymentRef<'a> {
    /// The payment with this id.
    Id(PaymentId),
    /// The payment that the provider calls by one of these names; where they are two payments', the one that the
    /// payment's own id names.
    Refs(Channel, &'a PaymentRefs),
}

/// Which payments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaymentQuery<'a> {
    /// The payments of an order, in the order in which we learned of them.
    Order(OrderId),
    /// The payments for periods of the subscription that the provider calls so that end at `since` or later (all of
    /// them without), in the order in which we learned of them.
    Subscription {
        /// The provider.
        channel: Channel,
        /// What it calls the subscription.
        id: &'a str,
        /// When a period ends at the earliest.
        since: Option<Timestamp>,
    },
    /// The account's latest payments, newest first.
    Latest {
        /// Whose.
        account: AccountId,
        /// How many at most.
        limit: u32,
    },
}

/// Which payment method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaymentMethodRef<'a> {
    /// The payment method that the provider calls so, also one that was taken away.
    Id(Channel, &'a str),
    /// What the account pays with: of those that were not taken away the one that was told of last.
    Account(AccountId),
}

/// Which subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubscriptionSelector<'a> {
    /// The subscription with this id.
    Id(SubscriptionId),
    /// The subscription that the provider calls so.
    Provider(Channel, &'a str),
}

/// Which gift.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GiftRef<'a> {
    /// The gift with this id.
    Id(GiftId),
    /// The gift with this code.
    Code(&'a GiftCode),
    /// The gift that an order pays.
    Order(OrderId),
    /// The gift that the account has by a request with this key.
    Request(AccountId, &'a RequestKey),
}

/// Which use of a coupon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RedemptionRef<'a> {
    /// The use with this id.
    Id(RedemptionId),
    /// The account's use that its request with this key redeemed by itself.
    Request(AccountId, &'a RequestKey),
}

/// Which of an account's check-ins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckInQuery<'a> {
    /// That of the latest day.
    Latest,
    /// The one that the account's request with this key did.
    Request(&'a RequestKey),
    /// Those from this day on.
    Since(Day),
}

/// Accounts, and what they bought, pay, redeemed and were given: the rows that decisions are made of.
#[async_trait]
pub trait BillingReads: Send + Sync {
    /// One account.
    async fn account(&self, which: AccountRef<'_>) -> Result<Option<Account>, StoreError>;

    /// The ids of those accounts among `names` that are known.
    async fn account_ids(&self, names: &[ExternalId]) -> Result<BTreeMap<ExternalId, AccountId>, StoreError>;

    /// How the host product calls the accounts with these `ids`, those that are known.
    async fn external_ids(&self, ids: &[AccountId]) -> Result<BTreeMap<AccountId, ExternalId>, StoreError>;

    /// The account's customer at a provider.
    async fn provider_customer(
        &self,
        channel: Channel,
        account: AccountId,
    ) -> Result<Option<String>, StoreError>;

    /// Whose customer it is.
    async fn account_of_customer(
        &self,
        channel: Channel,
        customer: &str,
    ) -> Result<Option<AccountId>, StoreError>;

    /// One order.
    async fn order(&self, which: OrderRef<'_>) -> Result<Option<Order>, StoreError>;

    /// One payment.
    async fn payment(&self, which: PaymentRef<'_>) -> Result<Option<Payment>, StoreError>;

    /// Some payments, in the order that the query says.
    async fn payments(&self, which: PaymentQuery<'_>) -> Result<Vec<Payment>, StoreError>;

    /// One payment method.
    async fn payment_method(&self, which: PaymentMethodRef<'_>) -> Result<Option<PaymentMethod>, StoreError>;

    /// One subscription.
    async fn subscription(&self, which: SubscriptionSelector<'_>)
    -> Result<Option<Subscription>, StoreError>;

    /// All of the account's subscriptions, latest begun first.
    async fn subscriptions(&self, account: AccountId) -> Result<Vec<Subscription>, StoreError>;

    /// One gift.
    async fn gift(&self, which: GiftRef<'_>) -> Result<Option<Gift>, StoreError>;

    /// One use of a coupon.
    async fn redemption(&self, which: RedemptionRef<'_>) -> Result<Option<Redemption>, StoreError>;

    /// The account's uses of a coupon, also those that it gave back, in the order in which they were made.
    async fn redemptions(&self, coupon: CouponId, account: AccountId) -> Result<Vec<Redemption>, StoreError>;

    /// Some of the account's check-ins, by day.
    async fn check_ins(
        &self,
        account: AccountId,
        which: CheckInQuery<'_>,
    ) -> Result<Vec<CheckIn>, StoreError>;
}
