//! Cards, meters and usage, made with a word each.

use std::collections::BTreeMap;

use billing_core::catalog::{
    MarkupPercent, Meter, MonthPosition, MonthPositions, Price, Rate, RateCardVersion, RatePrice,
    RatingRefusal, Rounding, Tier, Tiers, TiersMode, TiersScope, UnitPrice, UnitRate, Usage, VersionTerms,
    price, price_after,
};
use billing_core::values::{Timestamp, parse_decimal};
use rust_decimal::Decimal;

pub(crate) fn number(text: &str) -> Decimal {
    parse_decimal(text).unwrap()
}

pub(crate) fn texts<const N: usize>(pairs: [(&str, &str); N]) -> BTreeMap<String, String> {
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}

/// `credits` for every `per` units of `quantity`.
pub(crate) fn rate(quantity: &str, credits: &str, per: u32) -> Rate {
    let price = RatePrice::PerUnit(unit_rate(credits, per));
    Rate { quantity: quantity.to_owned(), when: BTreeMap::new(), price }
}

fn unit_rate(credits: &str, per: u32) -> UnitRate {
    UnitRate { credits: credits.parse().unwrap(), per: per.try_into().unwrap() }
}

/// A tier up to so many units, of `credits` for every `per` of them, with `flat` credits on top.
pub(crate) fn tier(up_to: Option<&str>, credits: &str, per: u32, flat: &str) -> Tier {
    Tier { up_to: up_to.map(number), rate: unit_rate(credits, per), flat: flat.parse().unwrap() }
}

/// `quantity` by tiers.
pub(crate) fn tiered(quantity: &str, mode: TiersMode, scope: TiersScope, tiers: Vec<Tier>) -> Rate {
    let price = RatePrice::Tiered(Tiers { mode, scope, tiers });
    Rate { quantity: quantity.to_owned(), when: BTreeMap::new(), price }
}

/// The position of a usage after `before` units of `quantity` in April.
pub(crate) fn after(quantity: &str, before: Decimal) -> MonthPositions {
    let position = MonthPosition { month: "2026-04".parse().unwrap(), rate: String::new(), before };
    [(quantity.to_owned(), position)].into()
}

/// The same where the dimensions have these values.
pub(crate) fn rate_when<const N: usize>(rate: Rate, when: [(&str, &str); N]) -> Rate {
    Rate { when: texts(when), ..rate }
}

/// A meter `m` with these rates that carries fractions.
pub(crate) fn meter(rates: Vec<Rate>) -> Meter {
    Meter {
        name: "m".to_owned(),
        dimensions: vec!["model".to_owned(), "region".to_owned()],
        rates,
        per_call: UnitPrice::ZERO,
        minimum: UnitPrice::ZERO,
        markup: None,
        rounding: Rounding::Carry,
    }
}

pub(crate) fn version(meters: Vec<Meter>) -> RateCardVersion {
    let edition = VersionTerms { number: 7, effective_at: Timestamp::EPOCH, published_at: Timestamp::EPOCH };
    RateCardVersion { card: "default".to_owned(), edition, markup: MarkupPercent::ZERO, meters }
}

pub(crate) fn usage<const N: usize>(quantities: [(&str, Decimal); N]) -> Usage {
    Usage {
        meter: "m".to_owned(),
        dimensions: BTreeMap::new(),
        quantities: quantities.map(|(name, units)| (name.to_owned(), units)).into(),
    }
}

/// What `usage` of the one meter costs.
pub(crate) fn priced(meter: &Meter, usage: &Usage) -> Result<Price, RatingRefusal> {
    price(&version(vec![meter.clone()]), usage)
}

/// What `usage` of the one meter costs where it stands there in its month.
pub(crate) fn priced_after(
    meter: &Meter,
    usage: &Usage,
    positions: &MonthPositions,
) -> Result<Price, RatingRefusal> {
    price_after(&version(vec![meter.clone()]), usage, positions)
}
