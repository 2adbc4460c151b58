//! Accounts and their orders, payments, subscriptions, redemptions and gifts.

use std::collections::BTreeMap;

use async_trait::async_trait;

use super::StoreError;
use crate::accounts::{Account, ExternalId};
use crate::changes::ProviderCustomer;
use crate::checkin::CheckIn;
use crate::coupons::Redemption;
use crate::gifts::{Gift, GiftCode};
use crate::orders::{Order, OrderSlot};
use crate::payments::{Channel, Payment, PaymentMethod, PaymentRefs};
use crate::subscriptions::{Subscription, SubscriptionCommand};
use crate::values::{
    AccountId, CouponId, Day, GiftId, OrderId, PaymentId, RedemptionId, RequestKey, SubscriptionId, Timestamp,
};

/// A reference to an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountRef<'a> {
    /// The account with this id.
    Id(AccountId),
    /// The account with this external id.
    External(&'a ExternalId),
}

/// A reference to an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderRef<'a> {
    /// The order with this id.
    Id(OrderId),
    /// The order of this provider checkout.
    Session(Channel, &'a str),
    /// The order whose checkout started this provider subscription.
    Subscription(Channel, &'a str),
    /// The order created by the account's request with this key.
    Request(AccountId, &'a RequestKey),
    /// The account's pending order that holds this slot.
    Slot(AccountId, &'a OrderSlot),
    /// Any paid order of the account.
    Paid(AccountId),
}

/// A reference to a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaymentRef<'a> {
    /// The payment with this id.
    Id(PaymentId),
    /// The payment with one of these references; if they match two payments, the one matched by the payment's own id.
    Refs(Channel, &'a PaymentRefs),
}

/// A query for payments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaymentQuery<'a> {
    /// The payments of an order, in the order in which they were recorded.
    Order(OrderId),
    /// The payments of this provider subscription whose periods end at `since` or later (or all of them), in the order
    /// in which they were recorded.
    Subscription {
        /// The provider.
        channel: Channel,
        /// The provider's id of the subscription.
        id: &'a str,
        /// The earliest end of a period.
        since: Option<Timestamp>,
    },
    /// The account's latest payments, newest first.
    Latest {
        /// The owner.
        account: AccountId,
        /// How many at most.
        limit: u32,
    },
}

/// A reference to a payment method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaymentMethodRef<'a> {
    /// The payment method with this provider id, even if it was detached.
    Id(Channel, &'a str),
    /// The account's current payment method: of those not detached, the one reported last.
    Account(AccountId),
}

/// A reference to a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubscriptionSelector<'a> {
    /// The subscription with this id.
    Id(SubscriptionId),
    /// The subscription with this provider id.
    Provider(Channel, &'a str),
}

/// A reference to a gift.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GiftRef<'a> {
    /// The gift with this id.
    Id(GiftId),
    /// The gift with this code.
    Code(&'a GiftCode),
    /// The gift that this order pays for.
    Order(OrderId),
    /// The gift that the account got by the request with this key.
    Request(AccountId, &'a RequestKey),
}

/// A reference to a use of a coupon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RedemptionRef<'a> {
    /// The use with this id.
    Id(RedemptionId),
    /// The account's use that was redeemed without an order, by the request with this key.
    Request(AccountId, &'a RequestKey),
}

/// A query for an account's check-ins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckInQuery<'a> {
    /// The check-in of the latest day.
    Latest,
    /// The check-in of the account's request with this key.
    Request(&'a RequestKey),
    /// The check-ins from this day on.
    Since(Day),
}

/// Reads of accounts and of what they bought, redeemed and were given: the rows that decisions are based on.
#[async_trait]
pub trait BillingReads: Send + Sync {
    /// One account.
    async fn account(&self, which: AccountRef<'_>) -> Result<Option<Account>, StoreError>;

    /// The ids of the known accounts among `names`.
    async fn account_ids(&self, names: &[ExternalId]) -> Result<BTreeMap<ExternalId, AccountId>, StoreError>;

    /// The external ids of the known accounts among `ids`.
    async fn external_ids(&self, ids: &[AccountId]) -> Result<BTreeMap<AccountId, ExternalId>, StoreError>;

    /// The account's current customer at a provider, also if that was deleted there.
    async fn provider_customer(
        &self,
        channel: Channel,
        account: AccountId,
    ) -> Result<Option<ProviderCustomer>, StoreError>;

    /// The account that a customer belongs to.
    async fn account_of_customer(
        &self,
        channel: Channel,
        customer: &str,
    ) -> Result<Option<AccountId>, StoreError>;

    /// One order.
    async fn order(&self, which: OrderRef<'_>) -> Result<Option<Order>, StoreError>;

    /// One payment.
    async fn payment(&self, which: PaymentRef<'_>) -> Result<Option<Payment>, StoreError>;

    /// Some payments, in the order of the query.
    async fn payments(&self, which: PaymentQuery<'_>) -> Result<Vec<Payment>, StoreError>;

    /// One payment method.
    async fn payment_method(&self, which: PaymentMethodRef<'_>) -> Result<Option<PaymentMethod>, StoreError>;

    /// One subscription.
    async fn subscription(&self, which: SubscriptionSelector<'_>)
    -> Result<Option<Subscription>, StoreError>;

    /// All of the account's subscriptions, latest start first.
    async fn subscriptions(&self, account: AccountId) -> Result<Vec<Subscription>, StoreError>;

    /// The change of a subscription that the account requested with this key.
    async fn subscription_command(
        &self,
        account: AccountId,
        key: &RequestKey,
    ) -> Result<Option<SubscriptionCommand>, StoreError>;

    /// One gift.
    async fn gift(&self, which: GiftRef<'_>) -> Result<Option<Gift>, StoreError>;

    /// One use of a coupon.
    async fn redemption(&self, which: RedemptionRef<'_>) -> Result<Option<Redemption>, StoreError>;

    /// The account's uses of a coupon, including returned ones, oldest first.
    async fn redemptions(&self, coupon: CouponId, account: AccountId) -> Result<Vec<Redemption>, StoreError>;

    /// Some of the account's check-ins, by day.
    async fn check_ins(
        &self,
        account: AccountId,
        which: CheckInQuery<'_>,
    ) -> Result<Vec<CheckIn>, StoreError>;
}
