//! The price of one usage.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use rust_decimal::{Decimal, RoundingStrategy};

use super::{
    MarkupPercent, Meter, MonthPosition, MonthPositions, Quote, RateCardVersion, RatingRefusal, Rounding,
    UnitPrice,
};
use crate::values::Credits;

/// A reported usage: the meter, the values of its dimensions, and the quantities.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Usage {
    /// The meter's name.
    pub meter: String,
    /// Values of dimensions, such as `model`. A missing one matches only rates without it.
    pub dimensions: BTreeMap<String, String>,
    /// The quantities: from 0 to 10^15 each, with at most 6 decimals. A missing one is 0.
    pub quantities: BTreeMap<String, Decimal>,
}

/// The price of a usage, with its calculation: `exact` is the sum of the lines, `per_call`, `markup` and `topped_up`,
/// rounded once; each of them is rounded to 12 decimals by itself where a division is periodic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Price {
    /// The card's slug.
    pub card: String,
    /// The version's number.
    pub version: u32,
    /// The meter's name.
    pub meter: String,
    /// The reported values.
    pub dimensions: BTreeMap<String, String>,
    /// A line per reported quantity, and per tier.
    pub lines: Vec<PriceLine>,
    /// The meter's price per usage.
    pub per_call: UnitPrice,
    /// The markup on the lines and `per_call`, in percent.
    pub markup_percent: MarkupPercent,
    /// The markup in credits, with 12 decimals; may be negative.
    pub markup: Decimal,
    /// The amount added to reach the meter's minimum; 0 if the minimum does not apply.
    pub topped_up: Decimal,
    /// The exact price in credits, with 12 decimals.
    pub exact: Decimal,
    /// Whole credits to take now.
    pub whole: Credits,
    /// Millionths of a credit to carry, 0 to 999,999; 0 unless the meter carries.
    pub millionths: u32,
    /// The meter's rounding rule.
    pub rounding: Rounding,
}

/// The price of one quantity, or of its part in one tier: units × rate ÷ per, plus `flat`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceLine {
    /// The quantity's name.
    pub quantity: String,
    /// The units.
    pub units: Decimal,
    /// The credits …
    pub rate: UnitPrice,
    /// … per this many units.
    pub per: NonZeroU32,
    /// The flat amount, if these units are the first to reach the tier.
    pub flat: UnitPrice,
    /// The tier; none if the rate has no tiers.
    pub tier: Option<LineTier>,
    /// The amount, with 12 decimals.
    pub credits: Decimal,
}

/// The tier of a rate that prices a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineTier {
    /// Its number: 1, 2, 3 …
    pub number: u32,
    /// Its last unit; none for the last tier.
    pub up_to: Option<Decimal>,
    /// The position in the month; none for tiers per call, and if the month is unknown.
    pub month: Option<MonthPosition>,
}

/// The price of a usage, in millionths of a credit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct UsagePrice {
    /// The total.
    pub price: i64,
    /// The part that is markup, before the minimum and rounding; may be negative.
    pub markup: i64,
}

/// Millionths of a credit in a credit.
pub const MILLIONTHS: u32 = 1_000_000;

impl Usage {
    /// The maximum units of one quantity.
    pub const MAX_UNITS: Decimal = Decimal::from_parts(2_764_472_320, 232_830, 0, false, 0);
}

impl Price {
    /// The maximum price of one usage, with markup and without: in millionths it fits 64 bits with room to spare.
    pub const MAX: Credits = Credits::new(1_000_000_000_000);

    /// The most whole credits that this can take at once, whatever fraction is carried: for estimates and holds.
    pub fn ceiling(&self) -> Credits {
        Credits::new(self.whole.get().saturating_add(i64::from(self.millionths > 0)))
    }

    /// The total in millionths of a credit.
    pub fn in_millionths(&self) -> i64 {
        self.usage_price().price
    }

    /// The total and its markup, in millionths of a credit.
    pub fn usage_price(&self) -> UsagePrice {
        UsagePrice::of(self.whole.get(), self.millionths, self.markup)
    }

    /// The quote for the version of this price.
    pub fn quote(&self) -> Quote {
        Quote { card: self.card.clone(), version: self.version }
    }
}

impl UsagePrice {
    pub(super) fn of(whole: i64, millionths: u32, markup: Decimal) -> Self {
        let rounded = markup.round_dp_with_strategy(6, RoundingStrategy::MidpointAwayFromZero);
        // Both are at most the maximum price of a usage, so they fit.
        let markup = rounded.checked_mul(MILLIONTHS.into()).unwrap_or_default();
        Self {
            price: whole.saturating_mul(i64::from(MILLIONTHS)).saturating_add(i64::from(millionths)),
            markup: i64::try_from(markup.trunc()).unwrap_or_default(),
        }
    }
}

/// The most whole credits that several usages of one account can take together. Fractions add up within a meter.
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

/// Prices `usage` by `version`.
///
/// Each quantity costs units × rate ÷ per, with tiers per share; the sum, with the meter's price per usage, the markup
/// and the minimum, is rounded half up to 12 decimals. Then the meter's rounding rule applies: `up` and `nearest`
/// round to whole credits, `carry` rounds half up to millionths and carries the fraction of a credit. So the error of
/// a call is at most half a millionth of a credit. Monthly tiers start at the month's first unit: see [`price_after`].
///
/// # Errors
///
/// [`RatingRefusal`] says which part the card does not know, or which number is invalid.
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

/// Prices `usage` by `version`, with its quantities at these `positions` in their month.
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

/// Why no rate of the version matches `quantity`.
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
