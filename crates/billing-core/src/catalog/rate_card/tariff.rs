//! The rates of one meter for certain values of its dimensions.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::check::MAX_VALUE;
use super::{
    MarkupPercent, MonthKey, Quote, Rate, RateCardVersion, RatePrice, RatingRefusal, Rounding, UnitPrice,
};
use crate::values::Month;

/// The rates to price usage of one meter with certain values of its dimensions, from one version of one card. It is
/// independent of the card, so a hold stores the tariff that it was placed at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tariff {
    /// The card's slug.
    pub card: String,
    /// The version's number.
    pub version: u32,
    /// The meter's name.
    pub meter: String,
    /// The dimension values.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub dimensions: BTreeMap<String, String>,
    /// The rates of named quantities.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub rates: BTreeMap<String, TariffRate>,
    /// The rate of all other quantities, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub otherwise: Option<TariffRate>,
    /// The price per usage.
    #[serde(default, skip_serializing_if = "UnitPrice::is_zero")]
    pub per_call: UnitPrice,
    /// The markup on all of that, in percent.
    #[serde(default, skip_serializing_if = "MarkupPercent::is_zero")]
    pub markup: MarkupPercent,
    /// The minimum price per usage, after the markup.
    #[serde(default, skip_serializing_if = "UnitPrice::is_zero")]
    pub minimum: UnitPrice,
    /// What happens to the fraction of a credit.
    pub rounding: Rounding,
}

/// The price of one quantity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TariffRate {
    /// The price: the same for every unit, or by tiers.
    #[serde(flatten)]
    pub price: RatePrice,
    /// The rate's [key](Rate::key) for counting units.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub key: String,
}

impl TariffRate {
    /// Free of charge.
    pub const FREE: Self = Self { price: RatePrice::FREE, key: String::new() };
}

impl RateCardVersion {
    /// The rates of the meter `name` for usage with these `dimensions`.
    ///
    /// # Errors
    ///
    /// [`RatingRefusal`] if the version does not have the meter, or the meter a dimension.
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
    /// The quote for its version.
    pub fn quote(&self) -> Quote {
        Quote { card: self.card.clone(), version: self.version }
    }

    /// Whether it has the same version, meter and values as `other`, hence the same rates.
    pub fn is_of_the_same_usage(&self, other: &Self) -> bool {
        self.card == other.card
            && self.version == other.version
            && self.meter == other.meter
            && self.dimensions == other.dimensions
    }

    /// The rate of `quantity`.
    pub fn rate(&self, quantity: &str) -> Option<&TariffRate> {
        self.rates.get(quantity).or(self.otherwise.as_ref())
    }

    /// Whether any of its rates has tiers.
    pub fn has_tiers(&self) -> bool {
        self.rates.values().chain(&self.otherwise).any(|rate| rate.price.tiers().is_some())
    }

    /// Whether any of its rates has monthly tiers.
    pub fn is_monthly(&self) -> bool {
        self.rates.values().chain(&self.otherwise).any(|rate| rate.price.is_monthly())
    }

    /// The counters of those `quantities` that have monthly tiers.
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

    /// Adds the rates of `other` for quantities that have none here.
    pub fn fill_in(&mut self, other: &Self) {
        for (quantity, rate) in &other.rates {
            self.rates.entry(quantity.clone()).or_insert_with(|| rate.clone());
        }
    }
}

/// Serialization of quantities as exact decimal text.
pub mod quantities {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    use super::{BTreeMap, Decimal};
    use crate::values::parse_decimal;

    /// Serializes each as text.
    ///
    /// # Errors
    ///
    /// The format's own.
    pub fn serialize<S: Serializer>(all: &BTreeMap<String, Decimal>, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(all.iter().map(|(name, units)| (name, units.normalize().to_string())))
    }

    /// Deserializes each from text.
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
