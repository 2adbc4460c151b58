//! Pricing of quantities by a tariff.

use std::collections::BTreeMap;

use rust_decimal::{Decimal, RoundingStrategy};

use super::fixed_point::{Grains, UNIT_DECIMALS};
use super::tier_price::{Bound, Share};
use super::{
    LineTier, MILLIONTHS, MonthPosition, MonthPositions, Price, PriceLine, RatingRefusal, Rounding, Tariff,
    Usage, UsagePrice, is_name,
};
use crate::values::Credits;

/// The total of a sum of lines.
struct Total {
    markup: Decimal,
    topped_up: Decimal,
    exact: Decimal,
    whole: i64,
    millionths: u32,
}

fn too_large() -> RatingRefusal {
    RatingRefusal::PriceTooLarge { max: Price::MAX }
}

impl Tariff {
    /// The price of one usage, with its quantities at these `positions` in their month. A quantity without a position
    /// starts at 0.
    ///
    /// # Errors
    ///
    /// [`RatingRefusal`] names the quantity without a rate, or the invalid number.
    pub fn price(
        &self,
        quantities: &BTreeMap<String, Decimal>,
        positions: &MonthPositions,
    ) -> Result<Price, RatingRefusal> {
        self.check(quantities)?;
        let mut sum = Grains::default();
        let mut lines = Vec::with_capacity(quantities.len());
        for (quantity, units) in quantities {
            let rate = self.rate(quantity).ok_or_else(|| self.no_rate(quantity))?;
            let position = positions.get(quantity).filter(|_| rate.price.is_monthly());
            let before = position.map_or(Decimal::ZERO, |position| position.before);
            for share in rate.price.shares(before, *units).ok_or_else(too_large)? {
                sum = sum.plus(share.credits).ok_or_else(too_large)?;
                lines.push(line(quantity, &share, position).ok_or_else(too_large)?);
            }
        }
        let total = self.total(sum)?;
        Ok(Price {
            card: self.card.clone(),
            version: self.version,
            meter: self.meter.clone(),
            dimensions: self.dimensions.clone(),
            lines,
            per_call: self.per_call,
            markup_percent: self.markup,
            markup: total.markup,
            topped_up: total.topped_up,
            exact: total.exact,
            whole: Credits::new(total.whole),
            millionths: total.millionths,
            rounding: self.rounding,
        })
    }

    /// The minimum price of a call that has used this much and may continue: the amount that can be charged so far. It
    /// is less than the price if a tier that it can still reach is cheaper for all units.
    ///
    /// # Errors
    ///
    /// As [`price`](Self::price).
    pub fn least(
        &self,
        quantities: &BTreeMap<String, Decimal>,
        positions: &MonthPositions,
    ) -> Result<UsagePrice, RatingRefusal> {
        self.bounded(quantities, positions, Bound::Least)
    }

    /// The maximum price of a call of up to these quantities, in millionths of a credit. It is more than the price if
    /// fewer units can cost more, because they do not reach a cheaper tier.
    ///
    /// # Errors
    ///
    /// As [`price`](Self::price).
    pub fn most(
        &self,
        quantities: &BTreeMap<String, Decimal>,
        positions: &MonthPositions,
    ) -> Result<i64, RatingRefusal> {
        Ok(self.bounded(quantities, positions, Bound::Most)?.price)
    }

    /// An upper bound of the price at any position in the month, in millionths of a credit.
    ///
    /// # Errors
    ///
    /// As [`price`](Self::price).
    pub fn most_anywhere(&self, quantities: &BTreeMap<String, Decimal>) -> Result<i64, RatingRefusal> {
        Ok(self.bounded(quantities, &MonthPositions::new(), Bound::Anywhere)?.price)
    }

    fn bounded(
        &self,
        quantities: &BTreeMap<String, Decimal>,
        positions: &MonthPositions,
        bound: Bound,
    ) -> Result<UsagePrice, RatingRefusal> {
        self.check(quantities)?;
        let mut sum = Grains::default();
        for (quantity, units) in quantities {
            let rate = self.rate(quantity).ok_or_else(|| self.no_rate(quantity))?;
            let position = positions.get(quantity).filter(|_| rate.price.is_monthly());
            let before = position.map_or(Decimal::ZERO, |position| position.before);
            let credits = rate.price.bound(before, *units, bound);
            sum = credits.and_then(|credits| sum.plus(credits)).ok_or_else(too_large)?;
        }
        let total = self.total(sum)?;
        Ok(UsagePrice::of(total.whole, total.millionths, total.markup))
    }

    /// The total of lines that sum up to `sum`.
    fn total(&self, sum: Grains) -> Result<Total, RatingRefusal> {
        let per_call = Grains::of_credits(self.per_call.get()).ok_or_else(too_large)?;
        let sum = sum.plus(per_call).ok_or_else(too_large)?;
        let marked = sum.marked_up(self.markup).ok_or_else(too_large)?;
        let missing = marked.missing_to(Grains::of_credits(self.minimum.get()).ok_or_else(too_large)?);
        let total = marked.plus(missing).ok_or_else(too_large)?;
        let most = Price::MAX.get().unsigned_abs();
        if sum.is_more_than(most) || total.is_more_than(most) {
            return Err(too_large());
        }
        let exact = total.to_decimal().ok_or_else(too_large)?;
        let (whole, millionths) = rounded(exact, self.rounding).ok_or_else(too_large)?;
        Ok(Total {
            markup: sum.difference_to(marked).ok_or_else(too_large)?,
            topped_up: missing.to_decimal().ok_or_else(too_large)?,
            exact,
            whole,
            millionths,
        })
    }

    /// Validates the reported numbers.
    fn check(&self, quantities: &BTreeMap<String, Decimal>) -> Result<(), RatingRefusal> {
        if quantities.is_empty() && !self.rates.is_empty() {
            let takes = self.rates.keys().cloned().collect();
            return Err(RatingRefusal::NoQuantity { meter: self.meter.clone(), takes });
        }
        for (quantity, units) in quantities {
            let in_range = (Decimal::ZERO..=Usage::MAX_UNITS).contains(units);
            if !in_range || units.normalize().scale() > UNIT_DECIMALS {
                let (quantity, units) = (quantity.clone(), *units);
                return Err(RatingRefusal::InvalidQuantity { quantity, units, max: Usage::MAX_UNITS });
            }
            // Units are counted under the quantity's name, so it must be a valid name.
            if !is_name(quantity) && self.rate(quantity).is_some_and(|rate| rate.price.is_monthly()) {
                return Err(self.no_rate(quantity));
            }
        }
        Ok(())
    }

    fn no_rate(&self, quantity: &str) -> RatingRefusal {
        let (meter, quantity, dimensions) =
            (self.meter.clone(), quantity.to_owned(), self.dimensions.clone());
        RatingRefusal::NoRate { meter, quantity, dimensions }
    }
}

fn line(quantity: &str, share: &Share, position: Option<&MonthPosition>) -> Option<PriceLine> {
    let tier = |(place, up_to): &(usize, Option<Decimal>)| {
        let number = u32::try_from(*place).ok()?.checked_add(1)?;
        Some(LineTier { number, up_to: up_to.map(|end| end.normalize()), month: position.cloned() })
    };
    Some(PriceLine {
        quantity: quantity.to_owned(),
        units: share.units.normalize(),
        rate: share.rate.credits,
        per: share.rate.per,
        flat: share.flat,
        tier: share.tier.as_ref().and_then(tier),
        credits: share.credits.to_decimal()?,
    })
}

/// Whole credits, and the millionths to carry.
fn rounded(exact: Decimal, rule: Rounding) -> Option<(i64, u32)> {
    let halves_up = RoundingStrategy::MidpointAwayFromZero;
    let kept = match rule {
        Rounding::Carry => exact.round_dp_with_strategy(6, halves_up),
        Rounding::Up => exact.ceil(),
        Rounding::Nearest => exact.round_dp_with_strategy(0, halves_up),
    };
    let whole = kept.trunc();
    let fraction = kept.checked_sub(whole)?.checked_mul(MILLIONTHS.into())?.trunc();
    Some((i64::try_from(whole).ok()?, u32::try_from(fraction).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_makes_whole_credits_in_its_own_way() {
        for (exact, carried, up, nearest) in [
            ("0", (0, 0), 0, 0),
            ("0.0000000001", (0, 0), 1, 0),
            ("0.0000005", (0, 1), 1, 0),
            ("0.499999999999", (0, 500_000), 1, 0),
            ("0.5", (0, 500_000), 1, 1),
            ("1", (1, 0), 1, 1),
            ("1.999999499999", (1, 999_999), 2, 2),
            ("1.9999995", (2, 0), 2, 2),
        ] {
            let exact = crate::values::parse_decimal(exact).unwrap();
            assert_eq!(rounded(exact, Rounding::Carry), Some(carried), "{exact}");
            assert_eq!(rounded(exact, Rounding::Up), Some((up, 0)), "{exact}");
            assert_eq!(rounded(exact, Rounding::Nearest), Some((nearest, 0)), "{exact}");
        }
    }
}
