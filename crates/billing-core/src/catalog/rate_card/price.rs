//! Pricing one usage.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use rust_decimal::{Decimal, RoundingStrategy};

use super::fixed_point::{Grains, UNIT_DECIMALS};
use super::{Meter, Quote, RateCardVersion, RatingRefusal, Rounding, Tariff, UnitPrice};
use crate::values::Credits;

/// What was used, as it is reported: under which meter, by which values of its dimensions, and how much.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Usage {
    /// The meter's name.
    pub meter: String,
    /// Values by which rates may differ, such as `model`. One that is left out gets the rate that names none.
    pub dimensions: BTreeMap<String, String>,
    /// How much: from 0 to 10^15 each, with at most 6 decimals. One that is left out is 0.
    pub quantities: BTreeMap<String, Decimal>,
}

/// What a usage costs, and how that came about: `exact` is the sum of the lines, `per_call` and `topped_up`,
/// rounded once; where a division has no end, each of them is told by itself with 12 decimals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Price {
    /// The card's slug.
    pub card: String,
    /// The version's number.
    pub version: u32,
    /// The meter's name.
    pub meter: String,
    /// The values that were reported.
    pub dimensions: BTreeMap<String, String>,
    /// What each reported quantity costs.
    pub lines: Vec<PriceLine>,
    /// What the meter takes for each usage on top.
    pub per_call: UnitPrice,
    /// What was added to come up to the meter's minimum; 0 where it did not apply.
    pub topped_up: Decimal,
    /// The exact price in credits, with 12 decimals.
    pub exact: Decimal,
    /// Whole credits to take now.
    pub whole: Credits,
    /// Millionths of a credit to carry, 0 to 999,999; always 0 unless the meter carries.
    pub millionths: u32,
    /// The meter's rule.
    pub rounding: Rounding,
}

/// What one quantity costs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceLine {
    /// The quantity's name.
    pub quantity: String,
    /// How much was reported.
    pub units: Decimal,
    /// At how many credits …
    pub rate: UnitPrice,
    /// … for how many units.
    pub per: NonZeroU32,
    /// What that makes, with 12 decimals.
    pub credits: Decimal,
}

/// Millionths of a credit in a credit.
pub const MILLIONTHS: u32 = 1_000_000;

impl Usage {
    /// The most units that one quantity may have.
    pub const MAX_UNITS: Decimal = Decimal::from_parts(2_764_472_320, 232_830, 0, false, 0);
}

impl Price {
    /// The most that one usage may cost: a price in millionths then fits 64 bits with room to spare.
    pub const MAX: Credits = Credits::new(1_000_000_000_000);

    /// The most whole credits that this takes at once, whatever fraction is being carried: for estimates and
    /// holds.
    pub fn ceiling(&self) -> Credits {
        Credits::new(self.whole.get().saturating_add(i64::from(self.millionths > 0)))
    }

    /// The whole price in millionths of a credit.
    pub fn in_millionths(&self) -> i64 {
        self.whole.get().saturating_mul(i64::from(MILLIONTHS)).saturating_add(i64::from(self.millionths))
    }

    /// What pins usage to the version that made this price.
    pub fn quote(&self) -> Quote {
        Quote { card: self.card.clone(), version: self.version }
    }
}

/// The most whole credits that several usages of one account take together. Fractions add up within a meter.
pub fn ceiling_of(prices: &[Price]) -> Credits {
    let mut carried: BTreeMap<&str, i64> = BTreeMap::new();
    for price in prices {
        let fraction = carried.entry(&price.meter).or_default();
        *fraction = fraction.saturating_add(i64::from(price.millionths));
    }
    let whole = prices.iter().map(|price| price.whole.get());
    let fractions = carried
        .values()
        .map(|sum| sum.div_euclid(MILLIONTHS.into()) + i64::from(sum.rem_euclid(MILLIONTHS.into()) > 0));
    Credits::new(whole.chain(fractions).fold(0, i64::saturating_add))
}

/// What `usage` costs by `version`.
///
/// Each reported quantity costs units × rate ÷ per; the sum, with the meter's price per call and at least its
/// minimum, is told with 12 decimals, halves up (a sum that has no more is told exactly). Then the meter's
/// rule makes whole credits of it: `up` and `nearest` round it, `carry` expresses it in millionths of a credit,
/// halves up, and leaves what is no whole credit to be carried. So a call is never off by more than half a
/// millionth of a credit.
///
/// # Errors
///
/// [`RatingRefusal`] says what the card does not know, or which number is off.
///
/// ```
/// use billing_core::catalog::{Edition, Meter, Rate, RateCardVersion, Rounding, Usage, price};
/// use billing_core::values::{Credits, Timestamp, parse_decimal};
///
/// let tokens = |quantity: &str, credits: &str| Rate {
///     quantity: quantity.to_owned(),
///     when: [].into(),
///     credits: credits.parse().unwrap(),
///     per: 1000.try_into().unwrap(),
/// };
/// let chat = Meter {
///     name: "chat".to_owned(),
///     dimensions: vec![],
///     rates: vec![tokens("input_tokens", "3"), tokens("output_tokens", "15")],
///     per_call: "0".parse().unwrap(),
///     minimum: "0".parse().unwrap(),
///     rounding: Rounding::Carry,
/// };
/// let edition = Edition { number: 1, effective_at: Timestamp::EPOCH, published_at: Timestamp::EPOCH };
/// let version = RateCardVersion { card: "default".to_owned(), edition, meters: vec![chat] };
///
/// let usage = Usage {
///     meter: "chat".to_owned(),
///     dimensions: [].into(),
///     quantities: [("input_tokens", "1200"), ("output_tokens", "50")]
///         .map(|(name, units)| (name.to_owned(), parse_decimal(units).unwrap()))
///         .into(),
/// };
/// let price = price(&version, &usage)?;
/// assert_eq!(price.exact.to_string(), "4.35");
/// assert_eq!((price.whole, price.millionths), (Credits::new(4), 350_000));
/// assert_eq!(price.ceiling(), Credits::new(5));
/// # Ok::<(), billing_core::catalog::RatingRefusal>(())
/// ```
pub fn price(version: &RateCardVersion, usage: &Usage) -> Result<Price, RatingRefusal> {
    let tariff = version.tariff(&usage.meter, &usage.dimensions)?;
    let takes = || version.meter(&usage.meter).map(Meter::quantities).unwrap_or_default();
    if usage.quantities.is_empty() && !takes().is_empty() {
        let takes = takes().into_iter().map(str::to_owned).collect();
        return Err(RatingRefusal::NoQuantity { meter: usage.meter.clone(), takes });
    }
    if let Some(unpriced) = usage.quantities.keys().find(|quantity| tariff.rate(quantity).is_none()) {
        return Err(no_rate(version, usage, unpriced));
    }
    tariff.price(&usage.quantities)
}

impl Tariff {
    /// What one usage of so much costs.
    ///
    /// # Errors
    ///
    /// [`RatingRefusal`] names the quantity that has no rate here, or which number is off.
    pub fn price(&self, quantities: &BTreeMap<String, Decimal>) -> Result<Price, RatingRefusal> {
        self.check(quantities)?;
        let too_large = || RatingRefusal::PriceTooLarge { max: Price::MAX };
        let mut total = Grains::of_credits(self.per_call.get()).ok_or_else(too_large)?;
        let mut lines = Vec::with_capacity(quantities.len());
        for (quantity, units) in quantities {
            let rate = self.rate(quantity).ok_or_else(|| self.no_rate(quantity))?;
            let credits = Grains::of(*units, rate.credits.get(), rate.per).ok_or_else(too_large)?;
            total = total.plus(credits).ok_or_else(too_large)?;
            lines.push(PriceLine {
                quantity: quantity.clone(),
                units: units.normalize(),
                rate: rate.credits,
                per: rate.per,
                credits: credits.to_decimal().ok_or_else(too_large)?,
            });
        }
        let topped_up = total.missing_to(Grains::of_credits(self.minimum.get()).ok_or_else(too_large)?);
        total = total.plus(topped_up).ok_or_else(too_large)?;
        if total.is_more_than(Price::MAX.get().unsigned_abs()) {
            return Err(too_large());
        }
        let exact = total.to_decimal().ok_or_else(too_large)?;
        let (whole, millionths) = rounded(exact, self.rounding).ok_or_else(too_large)?;
        Ok(Price {
            card: self.card.clone(),
            version: self.version,
            meter: self.meter.clone(),
            dimensions: self.dimensions.clone(),
            lines,
            per_call: self.per_call,
            topped_up: topped_up.to_decimal().ok_or_else(too_large)?,
            exact,
            whole: Credits::new(whole),
            millionths,
            rounding: self.rounding,
        })
    }

    /// Whether the numbers are such as one usage may report.
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
        }
        Ok(())
    }

    fn no_rate(&self, quantity: &str) -> RatingRefusal {
        let (meter, quantity, dimensions) =
            (self.meter.clone(), quantity.to_owned(), self.dimensions.clone());
        RatingRefusal::NoRate { meter, quantity, dimensions }
    }
}

/// Why no rate of the version applies to `quantity`.
fn no_rate(version: &RateCardVersion, usage: &Usage, quantity: &str) -> RatingRefusal {
    let takes = version.meter(&usage.meter).map(Meter::quantities).unwrap_or_default();
    let (meter, dimensions, known) =
        (usage.meter.clone(), usage.dimensions.clone(), takes.contains(quantity));
    let quantity = quantity.to_owned();
    if known {
        RatingRefusal::NoRate { meter, quantity, dimensions }
    } else {
        let takes = takes.into_iter().map(str::to_owned).collect();
        RatingRefusal::UnknownQuantity { meter, quantity, takes }
    }
}

/// Whole credits, and the millionths that are left to carry.
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
    fn the_limits_are_what_they_say() {
        assert_eq!(Usage::MAX_UNITS.to_string(), "1000000000000000");
        let most = Price::MAX.get().checked_mul(i64::from(MILLIONTHS));
        assert!(most.is_some_and(|most| most < i64::MAX / 2));
    }

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
