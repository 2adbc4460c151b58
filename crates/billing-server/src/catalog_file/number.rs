//! Numbers and moments as people write them in the file.

use billing_core::catalog::UnitPrice;
use billing_core::values::Timestamp;
use rust_decimal::Decimal;
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer};

/// Credits of a rate: a whole number, or a decimal in quotes. TOML's own numbers with a fraction are doubles,
/// and doubles lose digits.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Credits(pub(super) UnitPrice);

/// A moment: TOML's own, with an offset, or RFC 3339 in quotes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment(pub(super) Timestamp);

struct CreditsVisitor;

impl<'de> Deserialize<'de> for Credits {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(CreditsVisitor)
    }
}

impl Visitor<'_> for CreditsVisitor {
    type Value = Credits;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a whole number, or a decimal in quotes such as \"0.5\"")
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Credits, E> {
        UnitPrice::try_new(Decimal::from(number)).map(Credits).map_err(E::custom)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Credits, E> {
        Err(E::custom(
            "put a number with a fraction in quotes, such as \"0.5\": unquoted, digits can get lost",
        ))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Credits, E> {
        text.parse().map(Credits).map_err(E::custom)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = match toml::Value::deserialize(from)? {
            toml::Value::String(text) => text,
            toml::Value::Datetime(moment) => moment.to_string(),
            other => {
                return Err(D::Error::custom(format_args!("expected a time, found {}", other.type_str())));
            }
        };
        text.parse().map(Moment).map_err(D::Error::custom)
    }
}
