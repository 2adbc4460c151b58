//! Version-guarded rows with unique constraints.

use std::collections::BTreeMap;

use billing_core::accounts::Account;
use billing_core::catalog::{Pack, Plan, RateCard};
use billing_core::coupons::{Coupon, Redemption};
use billing_core::credentials::ApiKey;
use billing_core::gifts::Gift;
use billing_core::orders::Order;
use billing_core::payments::{Channel, Payment, PaymentMethod};
use billing_core::ports::CommitError;
use billing_core::subscriptions::{Subscription, SubscriptionCommand};
use billing_core::values::{
    AccountId, ApiKeyId, CouponId, GiftId, OrderId, PackId, PaymentId, PlanId, RateCardId, RedemptionId,
    RequestKey, SubscriptionId,
};

/// A row with a version.
pub(super) trait Versioned {
    /// The primary key.
    type Id: Ord;

    fn id(&self) -> Self::Id;
    fn version(&mut self) -> &mut i64;
    /// Whether both violate a unique constraint.
    fn clashes(&self, other: &Self) -> bool;
}

/// Writes `row` over the version that was read: 0 for a new row.
pub(super) fn put<R: Versioned>(table: &mut BTreeMap<R::Id, R>, mut row: R) -> Result<(), CommitError> {
    let id = row.id();
    let stored = table.get_mut(&id).map_or(0, |stored| *stored.version());
    let guarded = table.iter().any(|(other, stored)| *other != id && stored.clashes(&row));
    let version = row.version();
    if *version != stored || guarded {
        return Err(CommitError::Conflict);
    }
    *version = stored.saturating_add(1);
    table.insert(id, row);
    Ok(())
}

impl Versioned for Account {
    type Id = AccountId;
    fn id(&self) -> AccountId {
        self.id
    }
    fn version(&mut self) -> &mut i64 {
        &mut self.version
    }
    fn clashes(&self, other: &Self) -> bool {
        self.external_id == other.external_id
    }
}

impl Versioned for Plan {
    type Id = PlanId;
    fn id(&self) -> PlanId {
        self.id
    }
    fn version(&mut self) -> &mut i64 {
        &mut self.version
    }
    fn clashes(&self, other: &Self) -> bool {
        self.slug == other.slug
    }
}

impl Versioned for Pack {
    type Id = PackId;
    fn id(&self) -> PackId {
        self.id
    }
    fn version(&mut self) -> &mut i64 {
        &mut self.version
    }
    fn clashes(&self, other: &Self) -> bool {
        self.slug == other.slug
    }
}

impl Versioned for RateCard {
    type Id = RateCardId;
    fn id(&self) -> RateCardId {
        self.id
    }
    fn version(&mut self) -> &mut i64 {
        &mut self.version
    }
    fn clashes(&self, other: &Self) -> bool {
        self.slug == other.slug
    }
}

impl Versioned for Coupon {
    type Id = CouponId;
    fn id(&self) -> CouponId {
        self.id
    }
    fn version(&mut self) -> &mut i64 {
        &mut self.version
    }
    fn clashes(&self, other: &Self) -> bool {
        self.code == other.code
    }
}

impl Versioned for Redemption {
    type Id = RedemptionId;
    fn id(&self) -> RedemptionId {
        self.id
    }
    fn version(&mut self) -> &mut i64 {
        &mut self.version
    }
    fn clashes(&self, other: &Self) -> bool {
        let place = |one: &Self| Some((one.account, one.coupon, one.use_number?));
        let request = |one: &Self| Some((one.account, one.request_key.clone()?));
        same(place(self), place(other))
            || same(self.order, other.order)
            || request(self).is_some_and(|own| request(other) == Some(own))
    }
}

impl Versioned for Gift {
    type Id = GiftId;
    fn id(&self) -> GiftId {
        self.id
    }
    fn version(&mut self) -> &mut i64 {
        &mut self.version
    }
    fn clashes(&self, other: &Self) -> bool {
        let request = |gift: &Self| {
            let redeemed = gift.redeemed.as_ref()?;
            Some((redeemed.by, redeemed.request.clone()?))
        };
        same(self.code(), other.code())
            || same(self.order(), other.order())
            || request(self).is_some_and(|own| request(other) == Some(own))
    }
}

impl Versioned for Order {
    type Id = OrderId;
    fn id(&self) -> OrderId {
        self.id
    }
    fn version(&mut self) -> &mut i64 {
        &mut self.version
    }
    fn clashes(&self, other: &Self) -> bool {
        let slot = |order: &Self| order.slot().map(|slot| (order.account, slot));
        same(request(self), request(other))
            || same(session(self), session(other))
            || same(slot(self), slot(other))
    }
}

impl Versioned for Payment {
    type Id = PaymentId;
    fn id(&self) -> PaymentId {
        self.id
    }
    fn version(&mut self) -> &mut i64 {
        &mut self.version
    }
    fn clashes(&self, other: &Self) -> bool {
        self.channel == other.channel
            && (same(self.refs.payment.as_ref(), other.refs.payment.as_ref())
                || same(self.refs.invoice.as_ref(), other.refs.invoice.as_ref()))
    }
}

impl Versioned for PaymentMethod {
    type Id = (Channel, String);
    fn id(&self) -> Self::Id {
        (self.channel, self.provider_id.clone())
    }
    fn version(&mut self) -> &mut i64 {
        &mut self.version
    }
    fn clashes(&self, _other: &Self) -> bool {
        false
    }
}

impl Versioned for Subscription {
    type Id = SubscriptionId;
    fn id(&self) -> SubscriptionId {
        self.id
    }
    fn version(&mut self) -> &mut i64 {
        &mut self.version
    }
    fn clashes(&self, other: &Self) -> bool {
        self.channel == other.channel && self.provider_id == other.provider_id
    }
}

impl Versioned for SubscriptionCommand {
    type Id = (AccountId, RequestKey);
    fn id(&self) -> Self::Id {
        (self.account, self.key.clone())
    }
    fn version(&mut self) -> &mut i64 {
        &mut self.version
    }
    fn clashes(&self, _other: &Self) -> bool {
        false
    }
}

impl Versioned for ApiKey {
    type Id = ApiKeyId;
    fn id(&self) -> ApiKeyId {
        self.id
    }
    fn version(&mut self) -> &mut i64 {
        &mut self.version
    }
    fn clashes(&self, other: &Self) -> bool {
        self.hash == other.hash
    }
}

/// The request that created `order`, if it had a key.
fn request(order: &Order) -> Option<(AccountId, &RequestKey)> {
    Some((order.account, order.request.key.as_ref()?))
}

/// The checkout of `order`, once opened.
fn session(order: &Order) -> Option<(Channel, &str)> {
    Some((order.channel, &order.session.as_ref()?.id))
}

/// Whether both are present and equal; missing values never conflict.
fn same<T: PartialEq + Copy>(one: Option<T>, other: Option<T>) -> bool {
    one.is_some() && one == other
}
