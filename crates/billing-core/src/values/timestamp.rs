//! Timestamps.

use super::as_text::as_text;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// A time in UTC, truncated to microseconds, so that memory, SQLite and Postgres store the same value.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// The text is not a time in RFC 3339, or outside the years 1 to 9999.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a time in RFC 3339, such as 2026-04-15T10:00:00Z")]
pub struct ParseTimestampError {
    /// The input.
    pub text: String,
}

const MICROS_PER_SECOND: i64 = 1_000_000;
/// 0001-01-01T00:00:00Z and 9999-12-31T23:59:59.999999Z: the range of RFC 3339.
const RANGE: std::ops::RangeInclusive<i64> = -62_135_596_800_000_000..=253_402_300_799_999_999;

impl Timestamp {
    /// 1970-01-01T00:00:00Z.
    pub const EPOCH: Self = Self(0);

    /// `micros` microseconds after 1970, clamped to the years 1 to 9999.
    pub fn from_micros(micros: i64) -> Self {
        Self(micros.clamp(*RANGE.start(), *RANGE.end()))
    }

    /// `seconds` seconds after 1970, clamped to the years 1 to 9999.
    pub fn from_unix_seconds(seconds: i64) -> Self {
        Self::from_micros(seconds.saturating_mul(MICROS_PER_SECOND))
    }

    /// Microseconds since 1970; the stored form.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Whole seconds since 1970, rounded down; the form of providers.
    pub const fn unix_seconds(self) -> i64 {
        self.0.div_euclid(MICROS_PER_SECOND)
    }

    /// This time without its fraction of a second.
    #[must_use]
    pub fn whole_seconds(self) -> Self {
        Self::from_unix_seconds(self.unix_seconds())
    }

    /// `seconds` later, or earlier if negative; clamped to the calendar.
    #[must_use]
    pub fn plus_seconds(self, seconds: i64) -> Self {
        Self::from_micros(self.0.saturating_add(seconds.saturating_mul(MICROS_PER_SECOND)))
    }

    /// `days` times 24 hours later.
    #[must_use]
    pub fn plus_days(self, days: i64) -> Self {
        self.plus_seconds(days.saturating_mul(86_400))
    }

    /// Whole seconds from `earlier` to this, rounded down.
    pub const fn seconds_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0).div_euclid(MICROS_PER_SECOND)
    }

    fn as_time(self) -> OffsetDateTime {
        // The range is validated on construction, so the fallback never applies.
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0).saturating_mul(1000))
            .unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }
}

impl From<OffsetDateTime> for Timestamp {
    fn from(time: OffsetDateTime) -> Self {
        let micros = time.unix_timestamp_nanos().div_euclid(1000);
        Self::from_micros(i64::try_from(micros).unwrap_or(i64::MAX))
    }
}

impl std::str::FromStr for Timestamp {
    type Err = ParseTimestampError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        OffsetDateTime::parse(text, &Rfc3339)
            .map(Self::from)
            .map_err(|_| ParseTimestampError { text: text.to_owned() })
    }
}

impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.as_time().format(&Rfc3339).map_err(|_| std::fmt::Error)?)
    }
}

impl std::fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

as_text!(Timestamp);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_prints_in_utc_and_reads_back_to_the_microsecond() {
        let moment = Timestamp::from_micros(1_776_247_200_123_456);
        assert_eq!(moment.to_string(), "2026-04-15T10:00:00.123456Z");
        assert_eq!(moment.to_string().parse(), Ok(moment));
        assert_eq!("2026-04-15T12:00:00.1234567+02:00".parse(), Ok(moment));
        assert_eq!(moment.whole_seconds().to_string(), "2026-04-15T10:00:00Z");
    }

    #[test]
    fn moments_stop_at_the_ends_of_the_calendar() {
        assert_eq!(Timestamp::from_micros(i64::MAX).to_string(), "9999-12-31T23:59:59.999999Z");
        assert_eq!(Timestamp::from_unix_seconds(i64::MIN).to_string(), "0001-01-01T00:00:00Z");
        assert_eq!(Timestamp::EPOCH.plus_days(i64::MAX).to_string(), "9999-12-31T23:59:59.999999Z");
    }
}
