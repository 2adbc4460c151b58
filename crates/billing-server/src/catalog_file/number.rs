//! Numbers and times in the file.

use billing_core::catalog::{MarkupPercent, UnitPrice};
use billing_core::values::{Timestamp, parse_decimal};
use rust_decimal::Decimal;
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer};

/// A number: an integer, or a decimal in quotes. TOML's own numbers with a fraction are doubles, which lose digits.
#[derive(Debug, Clone, Copy)]
pub(super) struct Exact(pub(super) Decimal);

/// Credits of a rate.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Credits(pub(super) UnitPrice);

/// A markup, in percent.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Markup(pub(super) MarkupPercent);

/// A time: TOML's own, with an offset, or RFC 3339 in quotes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment(pub(super) Timestamp);

struct ExactVisitor;

impl<'de> Deserialize<'de> for Exact {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(ExactVisitor)
    }
}

impl Visitor<'_> for ExactVisitor {
    type Value = Exact;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a whole number, or a decimal in quotes such as \"0.5\"")
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Exact, E> {
        Ok(Exact(number.into()))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Exact, E> {
        Err(E::custom(
            "put a number with a fraction in quotes, such as \"0.5\": unquoted, digits can get lost",
        ))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Exact, E> {
        parse_decimal(text).map(Exact).map_err(E::custom)
    }
}

impl<'de> Deserialize<'de> for Credits {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let Exact(credits) = Exact::deserialize(from)?;
        UnitPrice::try_new(credits).map(Credits).map_err(D::Error::custom)
    }
}

impl<'de> Deserialize<'de> for Markup {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let Exact(percent) = Exact::deserialize(from)?;
        MarkupPercent::try_new(percent).map(Markup).map_err(D::Error::custom)
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
