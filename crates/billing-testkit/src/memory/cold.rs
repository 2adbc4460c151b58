//! The tables of the cold path.

use std::collections::BTreeMap;

use billing_core::accounts::Account;
use billing_core::catalog::{Pack, Plan, PricedItem, Quote, RateCard, RateCardVersion};
use billing_core::changes::ProviderCustomer;
use billing_core::checkin::{CheckIn, CheckInConfig};
use billing_core::coupons::{Coupon, Redemption};
use billing_core::credentials::ApiKey;
use billing_core::gifts::Gift;
use billing_core::orders::Order;
use billing_core::payments::{Channel, Payment, PaymentMethod};
use billing_core::subscriptions::{Subscription, SubscriptionCommand};
use billing_core::values::{
    AccountId, ApiKeyId, CheckInId, CouponId, GiftId, InboxEventId, OrderId, PackId, PaymentId, PlanId,
    RateCardId, RedemptionId, RequestKey, SubscriptionId,
};
use billing_core::webhooks::InboxEvent;

/// The cold tables. A commit works on a copy, which replaces the original after all checks.
#[derive(Clone, Default)]
pub(super) struct Cold {
    pub(super) accounts: BTreeMap<AccountId, Account>,
    pub(super) customers: Vec<ProviderCustomer>,
    pub(super) plans: BTreeMap<PlanId, Plan>,
    pub(super) packs: BTreeMap<PackId, Pack>,
    /// The items of all prices that were ever current.
    pub(super) priced_items: BTreeMap<(Channel, String), PricedItem>,
    pub(super) rate_cards: BTreeMap<RateCardId, RateCard>,
    pub(super) rate_card_versions: BTreeMap<Quote, RateCardVersion>,
    pub(super) coupons: BTreeMap<CouponId, Coupon>,
    pub(super) redemptions: BTreeMap<RedemptionId, Redemption>,
    pub(super) gifts: BTreeMap<GiftId, Gift>,
    pub(super) orders: BTreeMap<OrderId, Order>,
    pub(super) payments: BTreeMap<PaymentId, Payment>,
    pub(super) payment_methods: BTreeMap<(Channel, String), PaymentMethod>,
    pub(super) subscriptions: BTreeMap<SubscriptionId, Subscription>,
    pub(super) subscription_commands: BTreeMap<(AccountId, RequestKey), SubscriptionCommand>,
    pub(super) check_in_config: CheckInConfig,
    pub(super) check_ins: BTreeMap<CheckInId, CheckIn>,
    pub(super) api_keys: BTreeMap<ApiKeyId, ApiKey>,
    pub(super) settings: BTreeMap<String, String>,
    pub(super) inbox: BTreeMap<InboxEventId, InboxEvent>,
}
