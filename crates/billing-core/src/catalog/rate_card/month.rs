//! Where in a calendar month usage stands.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::values::Month;

/// Which units of an account are counted together for the tiers of a month.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MonthKey {
    /// The meter's name.
    pub meter: String,
    /// The month.
    pub month: Month,
    /// The quantity's name.
    pub quantity: String,
    /// The rate's [key](super::Rate::key): for which values of the dimensions it is.
    pub rate: String,
}

/// Where in its month one quantity of a usage stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonthPosition {
    /// The month.
    pub month: Month,
    /// The rate's [key](super::Rate::key).
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub rate: String,
    /// How many units were used in the month before it.
    #[serde(with = "units")]
    pub before: Decimal,
}

/// Where the quantities of a usage stand in their month, by name: those whose tiers count over a month.
pub type MonthPositions = BTreeMap<String, MonthPosition>;

impl MonthPosition {
    /// Where its units are counted.
    pub fn key(&self, meter: &str, quantity: &str) -> MonthKey {
        let (meter, quantity) = (meter.to_owned(), quantity.to_owned());
        MonthKey { meter, month: self.month, quantity, rate: self.rate.clone() }
    }
}

/// Units in JSON: exact decimal text.
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
