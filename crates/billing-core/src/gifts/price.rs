//! The price of a gift.

use super::MOST_MONTHS;
use crate::catalog::{Interval, Plan};
use crate::values::Money;

/// The price of `months` of a plan, and the interval of that price: yearly for whole years of a plan with yearly
/// billing, else monthly. None unless there are 1 to 36 months, or on overflow.
pub fn gift_price(plan: &Plan, months: u32) -> Option<(Interval, Money)> {
    if !(1..=MOST_MONTHS).contains(&months) {
        return None;
    }
    let by_year = plan.price(Interval::Yearly).filter(|_| months.is_multiple_of(12));
    let (interval, price) = match by_year {
        Some(price) => (Interval::Yearly, price),
        None => (Interval::Monthly, plan.price(Interval::Monthly)?),
    };
    let periods = i64::from(months.checked_div(interval.months())?);
    Some((interval, Money::new(price.minor.checked_mul(periods)?, price.currency)))
}
