//! What a gift costs.

use super::MOST_MONTHS;
use crate::catalog::{Interval, Plan};
use crate::values::Money;

/// What `months` of a plan cost, and as which interval they are sold: by the year where they are whole years and the
/// plan is sold by the year, else by the month. None for other than 1 to 36 months, or where no sum is so large.
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
