//! The discount of a coupon on a price. Whole minor units, checked arithmetic: a discount is never negative and never
//! more than the price.

use super::{Coupon, CouponCode, CouponEffect, CouponItem, CouponRefusal, Duration, Reduction};
use crate::values::{CouponId, Money, RedemptionId};

/// A coupon's discount, frozen on an order.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Discount {
    /// The use of the coupon that the order reserved.
    pub redemption: RedemptionId,
    /// The coupon.
    pub coupon: CouponId,
    /// Its code.
    pub code: CouponCode,
    /// The discount of the first payment, in minor units of the order's currency; 0 for free days.
    pub amount: i64,
    /// The reduction of each discounted payment; none for free days.
    pub off: Option<Reduction>,
    /// The duration.
    pub duration: Duration,
}

/// The effect of a coupon on an item's price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Priced {
    /// The price without it.
    pub list: Money,
    /// The discount of the first payment, in minor units.
    pub amount: i64,
    /// The reduction of each discounted payment; none for free days.
    pub off: Option<Reduction>,
    /// The free days.
    pub trial_days: Option<u32>,
}

impl Priced {
    /// The first payment.
    pub fn price(self) -> Money {
        // The discount is at most the list price, so this does not underflow.
        Money::new(self.list.minor.saturating_sub(self.amount), self.list.currency)
    }
}

/// `percent` of `minor`, rounded to the nearest minor unit; half a unit in the buyer's favour. None unless `percent`
/// is 0 to 100 and `minor` is not negative.
pub fn percent_of(minor: i64, percent: u32) -> Option<i64> {
    if minor < 0 || percent > 100 {
        return None;
    }
    let hundredths = i128::from(minor).checked_mul(i128::from(percent))?;
    i64::try_from(hundredths.checked_add(50)?.checked_div(100)?).ok()
}

/// The discount of `coupon` on `list`, the price of `item`.
///
/// # Errors
///
/// [`CouponRefusal::NotApplicable`] if it does not apply to this item or currency.
pub fn discount(coupon: &Coupon, item: CouponItem, list: Money) -> Result<Priced, CouponRefusal> {
    coupon.applies_to(item)?;
    let refuse = |why| Err(CouponRefusal::NotApplicable { code: coupon.code.clone(), why });
    let none = Priced { list, amount: 0, off: None, trial_days: None };
    let (amount, off) = match &coupon.effect {
        CouponEffect::Percent(percent) => {
            let Some(amount) = percent_of(list.minor, *percent) else {
                return refuse("it takes nothing off this price");
            };
            (amount, Reduction::Percent(*percent))
        }
        CouponEffect::Fixed(amounts) => {
            let own = amounts.iter().find(|amount| amount.currency == list.currency);
            let Some(own) = own else { return refuse("it has no amount in this currency") };
            (own.minor.clamp(0, list.minor.max(0)), Reduction::Amount(*own))
        }
        CouponEffect::TrialDays(days) => {
            return match item {
                CouponItem::Plan(_) => Ok(Priced { trial_days: Some(*days), ..none }),
                CouponItem::Pack(_) => refuse("it brings free days, which only a plan can begin with"),
            };
        }
        CouponEffect::Credits { .. } => return refuse("it brings credits; redeem it by itself"),
    };
    if amount == 0 {
        return refuse("it takes nothing off this price");
    }
    Ok(Priced { amount, off: Some(off), ..none })
}
