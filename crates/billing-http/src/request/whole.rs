//! Whole numbers.

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer};

/// A JSON integer. Numbers beyond 64 bits are clamped, and then refused by the rules for amounts with their own code;
/// fractions and texts are refused here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Whole(pub(crate) i64);

struct WholeVisitor;

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(WholeVisitor)
    }
}

impl Visitor<'_> for WholeVisitor {
    type Value = Whole;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a whole number")
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Whole, E> {
        Ok(Whole(number))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Whole, E> {
        Ok(Whole(i64::try_from(number).unwrap_or(i64::MAX)))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Whole, E> {
        // The parser converts integers beyond 64 bits to doubles.
        const ABOVE: f64 = 9.0e18;
        const BELOW: f64 = -9.0e18;
        if number > ABOVE {
            Ok(Whole(i64::MAX))
        } else if number < BELOW {
            Ok(Whole(i64::MIN))
        } else {
            Err(E::custom("must be a whole number, without a fraction"))
        }
    }
}

/// Parses an integer that may be left out, but not null.
pub(crate) fn whole_if_sent<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Whole>, D::Error> {
    Whole::deserialize(from).map(Some)
}

impl utoipa::PartialSchema for Whole {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        <i64 as utoipa::PartialSchema>::schema()
    }
}

impl utoipa::ToSchema for Whole {}
