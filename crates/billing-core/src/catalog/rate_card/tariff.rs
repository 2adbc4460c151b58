//! The rates of one meter for certain values of its dimensions.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::check::MAX_VALUE;
use super::{
    MarkupPercent, MonthKey, Quote, Rate, RateCardVersion, RatePrice, RatingRefusal, Rounding, UnitPrice,
};
use crate::values::Month;

/// Everything that it takes to price usage of one meter with certain values of its dimensions: the rates that apply,
/// of one version of one card. It needs no card any more, so a hold keeps the one that it was placed at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tariff {
    /// The card's slug.
    pub card: String,
    /// The version's number.
    pub version: u32,
    /// The meter's name.
    pub meter: String,
    /// The values that it is for.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub dimensions: BTreeMap<String, String>,
    /// What each quantity costs.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub rates: BTreeMap<String, TariffRate>,
    /// What every other quantity costs; without it there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub otherwise: Option<TariffRate>,
    /// What each usage costs on top.
    #[serde(default, skip_serializing_if = "UnitPrice::is_zero")]
    pub per_call: UnitPrice,
    /// What is added to all of that, in percent.
    #[serde(default, skip_serializing_if = "MarkupPercent::is_zero")]
    pub markup: MarkupPercent,
    /// What each usage costs at least, with the markup.
    #[serde(default, skip_serializing_if = "UnitPrice::is_zero")]
    pub minimum: UnitPrice,
    /// What becomes of the fraction of a credit.
    pub rounding: Rounding,
}

/// What one quantity costs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TariffRate {
    /// How much: the same for every unit, or by tiers.
    #[serde(flatten)]
    pub price: RatePrice,
    /// The rate's [key](Rate::key): which units are counted together.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub key: String,
}

impl TariffRate {
    /// Nothing, however much is used.
    pub const FREE: Self = Self { price: RatePrice::FREE, key: String::new() };
}

impl RateCardVersion {
    /// The rates of the meter called `name` for usage with these `dimensions`.
    ///
    /// # Errors
    ///
    /// [`RatingRefusal`] if the version has no such meter, or the meter no such dimension.
    pub fn tariff(&self, name: &str, dimensions: &BTreeMap<String, String>) -> Result<Tariff, RatingRefusal> {
        let meter = self.meter(name).ok_or_else(|| RatingRefusal::UnknownMeter {
            card: self.card.clone(),
            version: self.edition.number,
            meter: name.to_owned(),
        })?;
        for (dimension, value) in dimensions {
            let dimension = dimension.clone();
            if !meter.dimensions.contains(&dimension) {
                let (meter, takes) = (meter.name.clone(), meter.dimensions.clone());
                return Err(RatingRefusal::UnknownDimension { meter, dimension, takes });
            }
            if value.chars().count() > MAX_VALUE {
                return Err(RatingRefusal::InvalidDimension { dimension, max: MAX_VALUE });
            }
        }
        let rate = |quantity: &str| {
            let rate = meter.rate(quantity, dimensions)?;
            Some(TariffRate { price: rate.price.clone(), key: rate.key() })
        };
        let rates = meter.quantities().into_iter();
        let rates = rates.filter_map(|quantity| Some((quantity.to_owned(), rate(quantity)?)));
        Ok(Tariff {
            card: self.card.clone(),
            version: self.edition.number,
            meter: meter.name.clone(),
            dimensions: dimensions.clone(),
            rates: rates.collect(),
            otherwise: rate(Rate::ANY),
            per_call: meter.per_call,
            markup: meter.markup.unwrap_or(self.markup),
            minimum: meter.minimum,
            rounding: meter.rounding,
        })
    }
}

impl Tariff {
    /// The version that it is of, as a quote names it.
    pub fn quote(&self) -> Quote {
        Quote { card: self.card.clone(), version: self.version }
    }

    /// Whether it prices the same usage as `other` at the same rates: the same version, meter and values.
    pub fn is_of_the_same_usage(&self, other: &Self) -> bool {
        self.card == other.card
            && self.version == other.version
            && self.meter == other.meter
            && self.dimensions == other.dimensions
    }

    /// What `quantity` costs.
    pub fn rate(&self, quantity: &str) -> Option<&TariffRate> {
        self.rates.get(quantity).or(self.otherwise.as_ref())
    }

    /// Whether any of its rates has tiers.
    pub fn has_tiers(&self) -> bool {
        self.rates.values().chain(&self.otherwise).any(|rate| rate.price.tiers().is_some())
    }

    /// Whether any of its rates depends on what was used in the month before.
    pub fn is_monthly(&self) -> bool {
        self.rates.values().chain(&self.otherwise).any(|rate| rate.price.is_monthly())
    }

    /// Where units of those of the `quantities` are counted that are priced by a month's usage.
    pub fn month_keys<'a>(
        &'a self,
        quantities: impl IntoIterator<Item = &'a String>,
        month: Month,
    ) -> impl Iterator<Item = MonthKey> {
        quantities.into_iter().filter_map(move |quantity| {
            let rate = self.rate(quantity).filter(|rate| rate.price.is_monthly())?;
            let (meter, quantity) = (self.meter.clone(), quantity.clone());
            Some(MonthKey { meter, month, quantity, rate: rate.key.clone() })
        })
    }

    /// Takes over the rates of those quantities that it has none for.
    pub fn fill_in(&mut self, other: &Self) {
        for (quantity, rate) in &other.rates {
            self.rates.entry(quantity.clone()).or_insert_with(|| rate.clone());
        }
    }
}

/// Quantities in JSON: exact decimal text by name.
pub mod quantities {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    use super::{BTreeMap, Decimal};
    use crate::values::parse_decimal;

    /// Writes each as text.
    ///
    /// # Errors
    ///
    /// The format's own.
    pub fn serialize<S: Serializer>(all: &BTreeMap<String, Decimal>, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(all.iter().map(|(name, units)| (name, units.normalize().to_string())))
    }

    /// Reads each from text.
    ///
    /// # Errors
    ///
    /// The format's own, and what is no decimal.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<String, Decimal>, D::Error> {
        let texts = BTreeMap::<String, String>::deserialize(from)?;
        let decimal =
            |(name, text): (String, String)| Ok((name, parse_decimal(&text).map_err(Error::custom)?));
        texts.into_iter().map(decimal).collect()
    }
}
