//! The cold path's reading side, a trait per noun.

use std::collections::BTreeMap;

use async_trait::async_trait;

use super::StoreError;
use crate::accounts::{Account, ExternalId};
use crate::catalog::{Pack, Plan, PricedItem, RateCard, RateCardVersion};
use crate::checkin::{CheckIn, CheckInConfig};
use crate::coupons::{Coupon, CouponCode, Redemption};
use crate::credentials::{ApiKey, KeyHash};
use crate::orders::Order;
use crate::payments::{Channel, Payment, PaymentMethod, PaymentRefs};
use crate::subscriptions::Subscription;
use crate::values::{
    AccountId, CouponId, Day, Fingerprint, OrderId, PackId, Page, PageRequest, PaymentId, PlanId,
    RedemptionId, RequestKey, SubscriptionId, Timestamp,
};

/// Accounts and their customers at providers.
#[async_trait]
pub trait AccountReads: Send + Sync {
    /// The account with this id.
    async fn account(&self, id: AccountId) -> Result<Option<Account>, StoreError>;
    /// The account that the host product calls so.
    async fn account_by_external_id(&self, id: &ExternalId) -> Result<Option<Account>, StoreError>;
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
}

/// What is on sale.
#[async_trait]
pub trait CatalogReads: Send + Sync {
    /// All plans, in the order in which they were made.
    async fn plans(&self) -> Result<Vec<Plan>, StoreError>;
    /// The plan with this id.
    async fn plan(&self, id: PlanId) -> Result<Option<Plan>, StoreError>;
    /// What a provider's price or product stands for, also where it is not sold any more.
    async fn priced_item(&self, channel: Channel, reference: &str) -> Result<Option<PricedItem>, StoreError>;
    /// All packs, in the order in which they were made.
    async fn packs(&self) -> Result<Vec<Pack>, StoreError>;
    /// The pack with this id.
    async fn pack(&self, id: PackId) -> Result<Option<Pack>, StoreError>;
    /// All rate cards, in the order in which they were made.
    async fn rate_cards(&self) -> Result<Vec<RateCard>, StoreError>;
    /// The rate card with this slug.
    async fn rate_card(&self, slug: &str) -> Result<Option<RateCard>, StoreError>;
    /// One version of the rate card with this slug. It never changes, so callers may keep it.
    async fn rate_card_version(&self, slug: &str, number: u32)
    -> Result<Option<RateCardVersion>, StoreError>;
}

/// Orders.
#[async_trait]
pub trait OrderReads: Send + Sync {
    /// The order with this id.
    async fn order(&self, id: OrderId) -> Result<Option<Order>, StoreError>;
    /// One account's orders, newest first by id. Cursors are
    /// [`Cursor::of_order`](crate::values::Cursor::of_order).
    ///
    /// # Errors
    ///
    /// [`StoreError::Corrupt`] if the cursor is not one of these; callers check it before they ask.
    async fn orders(&self, account: AccountId, page: &PageRequest) -> Result<Page<Order>, StoreError>;
    /// The order that a provider's checkout pays.
    async fn order_by_session(&self, channel: Channel, session: &str) -> Result<Option<Order>, StoreError>;
    /// The order whose checkout began the subscription that the provider calls so.
    async fn order_by_subscription(
        &self,
        channel: Channel,
        subscription: &str,
    ) -> Result<Option<Order>, StoreError>;
    /// The order that the account's request with this key made.
    async fn order_by_request(
        &self,
        account: AccountId,
        key: &RequestKey,
    ) -> Result<Option<Order>, StoreError>;
    /// The account's newest order from a request that said the same, if its checkout is still open at `now`.
    async fn open_order(
        &self,
        account: AccountId,
        request: &Fingerprint,
        now: Timestamp,
    ) -> Result<Option<Order>, StoreError>;
}

/// Money that came in.
#[async_trait]
pub trait PaymentReads: Send + Sync {
    /// The payment with this id.
    async fn payment(&self, id: PaymentId) -> Result<Option<Payment>, StoreError>;
    /// The payment that the provider calls by one of these names; where they are two payments', the one that the
    /// payment's own id names.
    async fn payment_by_refs(
        &self,
        channel: Channel,
        refs: &PaymentRefs,
    ) -> Result<Option<Payment>, StoreError>;
    /// The payments for periods of the subscription that the provider calls so that end at `since` or later (all of
    /// them without), in the order in which we learned of them.
    async fn payments_of_subscription(
        &self,
        channel: Channel,
        subscription: &str,
        since: Option<Timestamp>,
    ) -> Result<Vec<Payment>, StoreError>;
    /// The payment method that the provider calls so, also one that was taken away.
    async fn payment_method(&self, channel: Channel, id: &str) -> Result<Option<PaymentMethod>, StoreError>;
    /// What the account pays with: of those that were not taken away the one that was told of last.
    async fn payment_method_of(&self, account: AccountId) -> Result<Option<PaymentMethod>, StoreError>;
    /// The account's latest payments, newest first, `limit` at most.
    async fn payments(&self, account: AccountId, limit: u32) -> Result<Vec<Payment>, StoreError>;
    /// The payments of an order, in the order in which we learned of them.
    async fn payments_of_order(&self, order: OrderId) -> Result<Vec<Payment>, StoreError>;
}

/// Subscriptions.
#[async_trait]
pub trait SubscriptionReads: Send + Sync {
    /// The subscription that the provider calls so.
    async fn subscription_by_provider_id(
        &self,
        channel: Channel,
        provider_id: &str,
    ) -> Result<Option<Subscription>, StoreError>;
    /// The subscription with this id.
    async fn subscription(&self, id: SubscriptionId) -> Result<Option<Subscription>, StoreError>;
    /// All of the account's subscriptions, latest begun first.
    async fn subscriptions(&self, account: AccountId) -> Result<Vec<Subscription>, StoreError>;
}

/// Check-ins.
#[async_trait]
pub trait CheckInReads: Send + Sync {
    /// How check-in is set up; the default until somebody sets it.
    async fn check_in_config(&self) -> Result<CheckInConfig, StoreError>;
    /// The account's check-in of the latest day.
    async fn last_check_in(&self, account: AccountId) -> Result<Option<CheckIn>, StoreError>;
    /// The account's check-in that its request with this key did.
    async fn check_in_by_request(
        &self,
        account: AccountId,
        key: &RequestKey,
    ) -> Result<Option<CheckIn>, StoreError>;
    /// The account's check-ins from `from` on, by day.
    async fn check_ins_since(&self, account: AccountId, from: Day) -> Result<Vec<CheckIn>, StoreError>;
}

/// Coupons and their uses.
#[async_trait]
pub trait CouponReads: Send + Sync {
    /// All coupons, in the order in which they were made.
    async fn coupons(&self) -> Result<Vec<Coupon>, StoreError>;
    /// The coupon with this id.
    async fn coupon(&self, id: CouponId) -> Result<Option<Coupon>, StoreError>;
    /// The coupon with this code.
    async fn coupon_by_code(&self, code: &CouponCode) -> Result<Option<Coupon>, StoreError>;
    /// The use with this id.
    async fn redemption(&self, id: RedemptionId) -> Result<Option<Redemption>, StoreError>;
    /// The account's uses of a coupon, also those that it gave back, in the order in which they were made.
    async fn redemptions(&self, coupon: CouponId, account: AccountId) -> Result<Vec<Redemption>, StoreError>;
    /// The account's use that its request with this key redeemed by itself.
    async fn redemption_by_request(
        &self,
        account: AccountId,
        key: &RequestKey,
    ) -> Result<Option<Redemption>, StoreError>;
    /// Whether any order of the account was ever paid.
    async fn bought_before(&self, account: AccountId) -> Result<bool, StoreError>;
}

/// API keys, and the secrets that the service made up for itself.
#[async_trait]
pub trait Credentials: Send + Sync {
    /// The key with this hash, whether it is valid or not.
    async fn api_key(&self, hash: &KeyHash) -> Result<Option<ApiKey>, StoreError>;
    /// All keys, in the order in which they were made.
    async fn api_keys(&self) -> Result<Vec<ApiKey>, StoreError>;
    /// The value of a setting.
    async fn setting(&self, name: &str) -> Result<Option<String>, StoreError>;
}
