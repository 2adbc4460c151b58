//! Cards, meters and usage, made with a word each.

use std::collections::BTreeMap;

use billing_core::catalog::{
    Edition, Meter, Price, Rate, RateCardVersion, RatingRefusal, Rounding, UnitPrice, Usage, price,
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
    let (credits, per) = (credits.parse().unwrap(), per.try_into().unwrap());
    Rate { quantity: quantity.to_owned(), when: BTreeMap::new(), credits, per }
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
        rounding: Rounding::Carry,
    }
}

pub(crate) fn version(meters: Vec<Meter>) -> RateCardVersion {
    let edition = Edition { number: 7, effective_at: Timestamp::EPOCH, published_at: Timestamp::EPOCH };
    RateCardVersion { card: "default".to_owned(), edition, meters }
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
