//! Times.

use billing_core::values::Timestamp;
use serde::{Deserialize, Deserializer, de};

/// A time: milliseconds since 1970, seconds from some senders, or a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment(pub(crate) Timestamp);

/// In seconds this is the year 5138, in milliseconds 1973: larger values are milliseconds.
const LARGEST_SECONDS: i64 = 100_000_000_000;

#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Number(i64),
    Text(String),
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(Self(match Written::deserialize(from)? {
            Written::Number(millis) if millis.saturating_abs() > LARGEST_SECONDS => {
                Timestamp::from_micros(millis.saturating_mul(1000))
            }
            Written::Number(seconds) => Timestamp::from_unix_seconds(seconds),
            Written::Text(text) => text.parse().map_err(de::Error::custom)?,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn milliseconds_seconds_and_texts_are_one_moment() {
        for text in
            ["1790000005000", "1790000005", "\"2026-09-21T14:13:25.000Z\"", "\"2026-09-21T16:13:25+02:00\""]
        {
            let Moment(read) = serde_json::from_str(text).unwrap();
            assert_eq!(read.to_string(), "2026-09-21T14:13:25Z", "{text}");
        }
        assert!(serde_json::from_str::<Moment>("\"yesterday\"").is_err());
    }
}
