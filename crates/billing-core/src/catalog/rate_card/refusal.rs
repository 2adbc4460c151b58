//! Why usage cannot be priced.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::values::{Credits, Timestamp};

/// Usage cannot be priced. Nothing was changed, and the same usage is refused until the card changes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RatingRefusal {
    /// No card, or no version of it, applies.
    #[error("{0}")]
    NoRateCard(NoRateCard),
    /// The card has no such meter.
    #[error("the rate card {card}@{version} has no meter `{meter}`")]
    UnknownMeter {
        /// The card's slug.
        card: String,
        /// The version's number.
        version: u32,
        /// The requested meter.
        meter: String,
    },
    /// The meter has no rate for a quantity.
    #[error("the meter `{meter}` takes no quantity `{quantity}`; it takes {}", list(takes))]
    UnknownQuantity {
        /// The meter's name.
        meter: String,
        /// The reported quantity.
        quantity: String,
        /// The quantities of the meter.
        takes: Vec<String>,
    },
    /// The meter does not have the dimension.
    #[error("the meter `{meter}` knows no dimension `{dimension}`; it knows {}", list(takes))]
    UnknownDimension {
        /// The meter's name.
        meter: String,
        /// The reported dimension.
        dimension: String,
        /// The dimensions of the meter.
        takes: Vec<String>,
    },
    /// A dimension's value is too long.
    #[error("`{dimension}` takes at most {max} characters")]
    InvalidDimension {
        /// The dimension's name.
        dimension: String,
        /// The maximum length in characters.
        max: usize,
    },
    /// The quantity has rates, but none matches these values of the dimensions.
    #[error("the meter `{meter}` has no rate for `{quantity}` where {}", values(dimensions))]
    NoRate {
        /// The meter's name.
        meter: String,
        /// The quantity.
        quantity: String,
        /// The reported values.
        dimensions: BTreeMap<String, String>,
    },
    /// A quantity is negative, too large or has too many decimals.
    #[error("`{quantity}` cannot be {units}: quantities go from 0 to {max}, with at most 6 decimals")]
    InvalidQuantity {
        /// The quantity's name.
        quantity: String,
        /// The reported units.
        units: Decimal,
        /// The maximum.
        max: Decimal,
    },
    /// The usage has no quantity, but the meter requires one.
    #[error("the meter `{meter}` prices {}: report at least one of them", list(takes))]
    NoQuantity {
        /// The meter's name.
        meter: String,
        /// The quantities of the meter.
        takes: Vec<String>,
    },
    /// The price exceeds the maximum of one usage.
    #[error("this usage would cost more than {max} credits")]
    PriceTooLarge {
        /// The maximum.
        max: Credits,
    },
}

/// Why no rate card applies.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoRateCard {
    /// No card has this slug.
    #[error("there is no rate card `{0}`")]
    Unknown(String),
    /// The card has no such version.
    #[error("the rate card `{0}` has no version {1}")]
    UnknownVersion(String, u32),
    /// The card is not active.
    #[error("the rate card `{0}` is not active")]
    NotActive(String),
    /// The card's first version takes effect later.
    #[error("no version of the rate card `{0}` is in force at {1}")]
    NotYet(String, Timestamp),
    /// None was named, there is no default, and not exactly one card.
    #[error("no rate card is called `default`, and not exactly one is active: name one in `rate_card`")]
    NoDefault,
}

impl RatingRefusal {
    /// The stable error code of the API.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoRateCard(_) => "no_rate_card",
            Self::UnknownMeter { .. } => "unknown_meter",
            Self::UnknownQuantity { .. } => "unknown_quantity",
            Self::UnknownDimension { .. } => "unknown_dimension",
            Self::InvalidDimension { .. } => "invalid_dimension",
            Self::NoRate { .. } => "no_rate",
            Self::InvalidQuantity { .. } | Self::NoQuantity { .. } => "invalid_quantity",
            Self::PriceTooLarge { .. } => "price_too_large",
        }
    }
}

impl From<NoRateCard> for RatingRefusal {
    fn from(why: NoRateCard) -> Self {
        Self::NoRateCard(why)
    }
}

fn list(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

fn values(dimensions: &BTreeMap<String, String>) -> String {
    let named: Vec<_> = dimensions.iter().map(|(name, value)| format!("{name} is `{value}`")).collect();
    if named.is_empty() { "no dimension is named".to_owned() } else { named.join(" and ") }
}
