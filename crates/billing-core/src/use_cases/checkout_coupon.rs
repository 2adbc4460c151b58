//! Coupons at a checkout.

use super::checkout_offer::Template;
use crate::BillingError;
use crate::billing::Ports;
use crate::catalog::Plan;
use crate::changes::Changes;
use crate::coupons::{
    Coupon, CouponCode, CouponItem, CouponRefusal, CouponUse, PastUses, Priced, Redemption, RedemptionStatus,
    discount,
};
use crate::orders::Order;
use crate::ports::{CouponRef, OrderRef, StoreError};
use crate::values::{AccountId, Money, OrderId, Timestamp};

/// A usable coupon, and its effect on a price.
pub(super) struct Applied {
    pub(super) coupon: Coupon,
    pub(super) priced: Priced,
    /// The account's pending orders that hold the uses that are needed.
    pub(super) held_by: Vec<OrderId>,
    past: PastUses,
}

/// The coupon with this code.
pub(super) async fn coupon_by_code(ports: &Ports, code: &CouponCode) -> Result<Coupon, BillingError> {
    let found = ports.store.catalog.coupon(CouponRef::Code(code)).await?;
    Ok(found.ok_or_else(|| CouponRefusal::Unknown { code: code.to_string() })?)
}

/// The history of `account` with the coupon; empty if it is unknown.
pub(super) async fn past_uses(
    ports: &Ports,
    coupon: &Coupon,
    account: Option<AccountId>,
) -> Result<PastUses, StoreError> {
    let Some(account) = account else { return Ok(PastUses::default()) };
    Ok(PastUses {
        redemptions: ports.store.billing.redemptions(coupon.id, account).await?,
        bought_before: coupon.first_purchase_only
            && ports.store.billing.order(OrderRef::Paid(account)).await?.is_some(),
    })
}

/// The effect of the coupon with this code for `account` on a purchase of `template`.
pub(super) async fn apply(
    ports: &Ports,
    code: &CouponCode,
    account: Option<AccountId>,
    template: &Template,
    now: Timestamp,
) -> Result<Applied, BillingError> {
    let coupon = coupon_by_code(ports, code).await?;
    let past = past_uses(ports, &coupon, account).await?;
    let (item, list) = template.for_coupon().ok_or_else(|| CouponRefusal::NotApplicable {
        code: code.clone(),
        why: "gifts are sold at their price; whoever redeems one pays nothing",
    })?;
    let priced = discount(&coupon, item, list)?;
    let held_by = check_use(&coupon, &past, now)?;
    Ok(Applied { coupon, priced, held_by, past })
}

/// Checks that an account with these `past` uses can use `coupon`. Uses reserved by its own pending orders can be
/// released: returns the oldest of those orders, as many as have to be closed for it.
pub(super) fn check_use(
    coupon: &Coupon,
    past: &PastUses,
    now: Timestamp,
) -> Result<Vec<OrderId>, CouponRefusal> {
    let Err(refusal) = coupon.usable(past, now) else { return Ok(Vec::new()) };
    let (mut coupon, mut past, mut held_by) = (coupon.clone(), past.clone(), Vec::new());
    while let Some(held) = past.redemptions.iter().position(|one| one.status == RedemptionStatus::Reserved) {
        held_by.extend(past.redemptions.remove(held).order);
        coupon.uses = coupon.uses.saturating_sub(1);
        if coupon.usable(&past, now).is_ok() {
            return Ok(held_by);
        }
    }
    Err(refusal)
}

impl Applied {
    /// Reserves a use for `order`, and applies its discount; both are added to `changes`.
    pub(super) fn reserve(
        &self,
        ports: &Ports,
        order: &mut Order,
        template: &Template,
        changes: &mut Changes,
        now: Timestamp,
    ) -> Redemption {
        let Coupon { id: coupon, version, .. } = self.coupon;
        let redemption = Redemption::new(coupon, order.account, Some(order.id), &self.past, &*ports.ids, now);
        order.agree_on(&self.coupon, &redemption, self.priced, template.plan());
        changes.coupon_uses.push(CouponUse::Take { coupon, version });
        redemption
    }
}

impl Template {
    fn plan(&self) -> Option<&Plan> {
        match self {
            Self::Plan(plan, ..) => Some(plan),
            Self::Pack(_) | Self::Gift(..) => None,
        }
    }

    /// None for a gift: a discount meant for one payment of a plan would apply to years of it.
    fn for_coupon(&self) -> Option<(CouponItem, Money)> {
        match self {
            Self::Plan(plan, _, price) => Some((CouponItem::Plan(plan.id), *price)),
            Self::Pack(pack) => Some((CouponItem::Pack(pack.id), pack.money())),
            Self::Gift(..) => None,
        }
    }
}
