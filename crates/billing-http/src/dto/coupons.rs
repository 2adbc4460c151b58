//! Coupons for buyers.

use billing_core::coupons::{CouponEffect, Priced};
use billing_core::requests::{RedeemedCoupon, ValidCoupon};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::admin_coupons::periods;

/// A code to validate.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ValidateCouponBody {
    /// The account; optional for users and for keys that are bound to an account.
    pub(crate) account_id: Option<String>,
    pub(crate) code: String,
    /// The plan, if it is used on one.
    pub(crate) plan_id: Option<String>,
    /// For plans: `monthly` (default) or `yearly`.
    pub(crate) interval: Option<String>,
    /// The pack, if it is used on one.
    pub(crate) pack_id: Option<String>,
}

/// A code to redeem.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RedeemCouponBody {
    /// The account; optional for users and for keys that are bound to an account.
    pub(crate) account_id: Option<String>,
    pub(crate) code: String,
}

/// A usable coupon, and its effect.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ValidCouponView {
    code: String,
    /// `percent`, `fixed`, `credits` or `trial_days`.
    r#type: String,
    /// `once`, `repeating` or `forever`.
    duration: String,
    duration_periods: Option<u32>,
    /// The credits of redeeming it.
    credits: Option<i64>,
    /// Its effect on the price of the plan or pack; null if none was named.
    price: Option<CouponPriceView>,
}

/// The effect of a coupon on a price, in minor units.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CouponPriceView {
    /// The price without the coupon.
    list_amount: i64,
    /// The discount of the first payment.
    discount: i64,
    /// The first payment.
    amount: i64,
    currency: String,
    /// The free days.
    trial_days: Option<u32>,
}

/// A redeemed coupon.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RedeemedCouponView {
    redemption_id: String,
    code: String,
    credits: i64,
    /// RFC 3339, UTC; null if they do not expire.
    expires_at: Option<String>,
}

impl From<ValidCoupon> for ValidCouponView {
    fn from(valid: ValidCoupon) -> Self {
        let coupon = valid.coupon;
        Self {
            code: coupon.code.to_string(),
            r#type: coupon.effect.kind().to_string(),
            duration: coupon.duration.kind().to_string(),
            duration_periods: periods(coupon.duration),
            credits: match coupon.effect {
                CouponEffect::Credits { credits, .. } => Some(credits.get()),
                _ => None,
            },
            price: valid.priced.map(CouponPriceView::from),
        }
    }
}

impl From<Priced> for CouponPriceView {
    fn from(priced: Priced) -> Self {
        Self {
            list_amount: priced.list.minor,
            discount: priced.amount,
            amount: priced.price().minor,
            currency: priced.list.currency.to_string(),
            trial_days: priced.trial_days,
        }
    }
}

impl From<RedeemedCoupon> for RedeemedCouponView {
    fn from(done: RedeemedCoupon) -> Self {
        Self {
            redemption_id: done.redemption.id.to_string(),
            code: done.code.to_string(),
            credits: done.credits.get(),
            expires_at: done.expires_at.map(|at| at.to_string()),
        }
    }
}
