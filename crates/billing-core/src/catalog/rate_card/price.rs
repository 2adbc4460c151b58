//! Pricing one usage.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use rust_decimal::{Decimal, RoundingStrategy};

use super::{
    MarkupPercent, Meter, MonthPosition, MonthPositions, Quote, RateCardVersion, RatingRefusal, Rounding,
    UnitPrice,
};
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

/// What a usage costs, and how that came about: `exact` is the sum of the lines, `per_call`, `markup` and `topped_up`,
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
    /// What each reported quantity costs; one that lies in several tiers has a line for each.
    pub lines: Vec<PriceLine>,
    /// What the meter takes for each usage on top.
    pub per_call: UnitPrice,
    /// What is added to the lines and `per_call`, in percent.
    pub markup_percent: MarkupPercent,
    /// What that makes in credits, with 12 decimals; negative where it takes off.
    pub markup: Decimal,
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

/// What one quantity costs, or as much of it as lies in one tier: units × rate ÷ per, and `flat`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceLine {
    /// The quantity's name.
    pub quantity: String,
    /// How many units.
    pub units: Decimal,
    /// At how many credits …
    pub rate: UnitPrice,
    /// … for how many units.
    pub per: NonZeroU32,
    /// Credits that are added because these units are the first to reach the tier.
    pub flat: UnitPrice,
    /// The tier; none where the rate has none.
    pub tier: Option<LineTier>,
    /// What that makes, with 12 decimals.
    pub credits: Decimal,
}

/// The tier of a rate that prices a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineTier {
    /// Which one: 1, 2, 3 …
    pub number: u32,
    /// The last unit that lies in it; none for the last tier.
    pub up_to: Option<Decimal>,
    /// Where the usage stands in its month; none where each call begins at 0, and where nobody's month is known.
    pub month: Option<MonthPosition>,
}

/// What usage costs, in millionths of a credit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct UsagePrice {
    /// All of it.
    pub price: i64,
    /// What the markup adds to it, before the minimum and rounding; negative where it takes off.
    pub markup: i64,
}

/// Millionths of a credit in a credit.
pub const MILLIONTHS: u32 = 1_000_000;

impl Usage {
    /// The most units that one quantity may have.
    pub const MAX_UNITS: Decimal = Decimal::from_parts(2_764_472_320, 232_830, 0, false, 0);
}

impl Price {
    /// The most that one usage may cost, with a markup and without: a price in millionths then fits 64 bits with room to
    /// spare.
    pub const MAX: Credits = Credits::new(1_000_000_000_000);

    /// The most whole credits that this takes at once, whatever fraction is being carried: for estimates and
    /// holds.
    pub fn ceiling(&self) -> Credits {
        Credits::new(self.whole.get().saturating_add(i64::from(self.millionths > 0)))
    }

    /// The whole price, in millionths of a credit.
    pub fn in_millionths(&self) -> i64 {
        self.usage_price().price
    }

    /// The price and what of it is markup, in millionths of a credit.
    pub fn usage_price(&self) -> UsagePrice {
        UsagePrice::of(self.whole.get(), self.millionths, self.markup)
    }

    /// What pins usage to the version that made this price.
    pub fn quote(&self) -> Quote {
        Quote { card: self.card.clone(), version: self.version }
    }
}

impl UsagePrice {
    pub(super) fn of(whole: i64, millionths: u32, markup: Decimal) -> Self {
        let rounded = markup.round_dp_with_strategy(6, RoundingStrategy::MidpointAwayFromZero);
        // Prices with a markup and without are no more than one usage may cost, so both fit.
        let markup = rounded.checked_mul(MILLIONTHS.into()).unwrap_or_default();
        Self {
            price: whole.saturating_mul(i64::from(MILLIONTHS)).saturating_add(i64::from(millionths)),
            markup: i64::try_from(markup.trunc()).unwrap_or_default(),
        }
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
/// Each reported quantity costs units × rate ÷ per, with tiers each share of it; the sum, with the meter's price per
/// call, its markup and at least its minimum, is told with 12 decimals, halves up (a sum that has no more is told
/// exactly). Then the meter's rule makes whole credits of it: `up` and `nearest` round it, `carry` expresses it in
/// millionths of a credit, halves up, and leaves what is no whole credit to be carried. So a call is never off by more
/// than half a millionth of a credit. Tiers of a month begin at its first unit: see [`price_after`].
///
/// # Errors
///
/// [`RatingRefusal`] says what the card does not know, or which number is off.
///
/// ```
/// use billing_core::catalog::{
///     VersionTerms, MarkupPercent, Meter, Rate, RateCardVersion, RatePrice, Rounding, UnitRate, Usage, price,
/// };
/// use billing_core::values::{Credits, Timestamp, parse_decimal};
///
/// let tokens = |quantity: &str, credits: &str| Rate {
///     quantity: quantity.to_owned(),
///     when: [].into(),
///     price: RatePrice::PerUnit(UnitRate {
///         credits: credits.parse().unwrap(),
///         per: 1000.try_into().unwrap(),
///     }),
/// };
/// let chat = Meter {
///     name: "chat".to_owned(),
///     dimensions: vec![],
///     rates: vec![tokens("input_tokens", "3"), tokens("output_tokens", "15")],
///     per_call: "0".parse().unwrap(),
///     minimum: "0".parse().unwrap(),
///     markup: None,
///     rounding: Rounding::Carry,
/// };
/// let edition = VersionTerms { number: 1, effective_at: Timestamp::EPOCH, published_at: Timestamp::EPOCH };
/// let markup = MarkupPercent::ZERO;
/// let version = RateCardVersion { card: "default".to_owned(), edition, markup, meters: vec![chat] };
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
    price_after(version, usage, &MonthPositions::new())
}

/// What `usage` costs by `version` where its quantities stand at these `positions` in their month.
///
/// # Errors
///
/// As [`price`].
pub fn price_after(
    version: &RateCardVersion,
    usage: &Usage,
    positions: &MonthPositions,
) -> Result<Price, RatingRefusal> {
    let tariff = version.tariff(&usage.meter, &usage.dimensions)?;
    let takes = || version.meter(&usage.meter).map(Meter::quantities).unwrap_or_default();
    if usage.quantities.is_empty() && !takes().is_empty() {
        let takes = takes().into_iter().map(str::to_owned).collect();
        return Err(RatingRefusal::NoQuantity { meter: usage.meter.clone(), takes });
    }
    if let Some(unpriced) = usage.quantities.keys().find(|quantity| tariff.rate(quantity).is_none()) {
        return Err(no_rate(version, usage, unpriced));
    }
    tariff.price(&usage.quantities, positions)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limits_are_what_they_say() {
        assert_eq!(Usage::MAX_UNITS.to_string(), "1000000000000000");
        let most = Price::MAX.get().checked_mul(i64::from(MILLIONTHS));
        assert!(most.is_some_and(|most| most < i64::MAX / 2));
    }
}
