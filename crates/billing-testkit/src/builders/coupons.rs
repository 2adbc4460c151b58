//! Coupons.

use billing_core::coupons::{
    Coupon, CouponCode, CouponEffect, Discount, Duration, PastUses, Redemption, Reduction,
};
use billing_core::requests::CouponDraft;
use billing_core::values::{
    AccountId, CouponId, Credits, IdSource, Money, OrderId, PackId, PlanId, RedemptionId,
};

use super::noon;

/// A coupon that takes a quarter off the first payment; nothing optional is set.
pub fn a_coupon(code: &str, ids: &dyn IdSource) -> Coupon {
    Coupon {
        id: CouponId::new(ids),
        code: a_code(code),
        effect: CouponEffect::Percent(25),
        duration: Duration::Once,
        max_redemptions: None,
        max_per_account: None,
        first_purchase_only: false,
        plans: Vec::new(),
        packs: Vec::new(),
        starts_at: None,
        ends_at: None,
        active: true,
        uses: 0,
        created_at: noon(),
        version: 0,
    }
}

/// A coupon with every field set, and none as in [`a_coupon`].
pub fn a_full_coupon(code: &str, ids: &dyn IdSource) -> Coupon {
    let money = |minor, code: &str| Money::new(minor, code.parse().unwrap());
    Coupon {
        effect: CouponEffect::Fixed(vec![money(500, "usd"), money(9_999_999_999, "kwd")]),
        duration: Duration::Repeating(3),
        max_redemptions: Some(1000),
        max_per_account: Some(2),
        first_purchase_only: true,
        plans: vec![PlanId::new(ids), PlanId::new(ids)],
        packs: vec![PackId::new(ids)],
        starts_at: Some(noon()),
        ends_at: Some(noon().plus_days(30)),
        active: false,
        ..a_coupon(code, ids)
    }
}

/// A coupon that grants credits, which expire after 30 days.
pub fn a_credits_coupon(code: &str, credits: i64, ids: &dyn IdSource) -> Coupon {
    let credits = Credits::new(credits);
    let effect = CouponEffect::Credits { credits, expires_after_days: Some(30) };
    Coupon { effect, ..a_coupon(code, ids) }
}

/// The draft of [`a_coupon`].
pub fn a_coupon_draft(code: &str) -> CouponDraft {
    let coupon = a_coupon(code, &crate::SequentialIds::new());
    CouponDraft {
        code: coupon.code,
        effect: coupon.effect,
        duration: coupon.duration,
        max_redemptions: coupon.max_redemptions,
        max_per_account: coupon.max_per_account,
        first_purchase_only: coupon.first_purchase_only,
        plans: coupon.plans,
        packs: coupon.packs,
        starts_at: coupon.starts_at,
        ends_at: coupon.ends_at,
        active: coupon.active,
    }
}

/// A code.
pub fn a_code(code: &str) -> CouponCode {
    CouponCode::parse(code).unwrap()
}

/// The account's first use of a coupon, for an order if one is named.
pub fn a_redemption(
    coupon: &Coupon,
    account: AccountId,
    order: Option<OrderId>,
    ids: &dyn IdSource,
) -> Redemption {
    Redemption::new(coupon.id, account, order, &PastUses::default(), ids, noon())
}

/// An order's frozen discount.
pub fn a_discount(ids: &dyn IdSource) -> Discount {
    Discount {
        redemption: RedemptionId::new(ids),
        coupon: CouponId::new(ids),
        code: a_code("summer"),
        amount: 250,
        off: Some(Reduction::Percent(25)),
        duration: Duration::Repeating(3),
    }
}
