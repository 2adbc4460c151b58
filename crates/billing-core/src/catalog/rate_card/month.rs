//! The position of usage in a calendar month.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::values::Month;

/// The counter of an account's units for monthly tiers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MonthKey {
    /// The meter's name.
    pub meter: String,
    /// The month.
    pub month: Month,
    /// The quantity's name.
    pub quantity: String,
    /// The rate's [key](super::Rate::key): its dimension values.
    pub rate: String,
}

/// The position of one quantity of a usage in its month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonthPosition {
    /// The month.
    pub month: Month,
    /// The rate's [key](super::Rate::key).
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub rate: String,
    /// The units used in the month before it.
    #[serde(with = "units")]
    pub before: Decimal,
}

/// The positions of a usage's quantities in their month, by name, for quantities with monthly tiers.
pub type MonthPositions = BTreeMap<String, MonthPosition>;

impl MonthPosition {
    /// The counter of its units.
    pub fn key(&self, meter: &str, quantity: &str) -> MonthKey {
        let (meter, quantity) = (meter.to_owned(), quantity.to_owned());
        MonthKey { meter, month: self.month, quantity, rate: self.rate.clone() }
    }
}

/// Serialization of units as exact decimal text.
mod units {
    use rust_decimal::Decimal;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    use crate::values::parse_decimal;

    pub(super) fn serialize<S: Serializer>(units: &Decimal, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&units.normalize())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Decimal, D::Error> {
        parse_decimal(&String::deserialize(from)?).map_err(Error::custom)
    }
}
