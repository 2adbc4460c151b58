//! Exact decimal numbers.

use billing_core::values::parse_decimal;
use rust_decimal::Decimal;
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder, Schema, Type};

/// An exact number: a JSON integer, or a decimal in quotes such as `"0.0375"`. A JSON number with a fraction is
/// refused: JSON readers and writers convert it to a double, which loses digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Exact(pub(crate) Decimal);

impl Exact {
    /// The expected form, for error messages.
    pub(super) const EXPECTED: &str = "a whole number, or a decimal in quotes such as \"0.5\"";
}

struct ExactVisitor;

impl<'de> Deserialize<'de> for Exact {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(ExactVisitor)
    }
}

impl Visitor<'_> for ExactVisitor {
    type Value = Exact;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(Exact::EXPECTED)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Exact, E> {
        Ok(Exact(number.into()))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Exact, E> {
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

impl utoipa::PartialSchema for Exact {
    fn schema() -> RefOr<Schema> {
        let text = ObjectBuilder::new().schema_type(Type::String).pattern(Some(r"^-?[0-9]+(\.[0-9]+)?$"));
        let whole = ObjectBuilder::new().schema_type(Type::Integer);
        Schema::OneOf(OneOfBuilder::new().item(text).item(whole).build()).into()
    }
}

impl utoipa::ToSchema for Exact {}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<String, String> {
        let read = serde_json::from_str::<Exact>(json);
        read.map(|exact| exact.0.to_string()).map_err(|problem| problem.to_string())
    }

    #[test]
    fn digits_arrive_as_they_were_sent() {
        for (json, number) in [
            ("12", "12"),
            ("-3", "-3"),
            ("18446744073709551615", "18446744073709551615"),
            ("\"12\"", "12"),
            ("\"0.1000\"", "0.1000"),
            ("\"0.123456789012345678901234567\"", "0.123456789012345678901234567"),
        ] {
            assert_eq!(read(json).as_deref(), Ok(number), "{json}");
        }
    }

    #[test]
    fn what_may_have_lost_digits_is_refused() {
        for json in ["0.5", "1.0", "1e3", "18446744073709551616", "1e400"] {
            assert!(read(json).is_err(), "{json}");
        }
        assert!(read("0.5").unwrap_err().contains("in quotes"));
        for json in ["\"\"", "\"1e3\"", "\"1,5\"", "true", "null", "[]"] {
            assert!(read(json).is_err(), "{json}");
        }
    }
}
