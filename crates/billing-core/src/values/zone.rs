//! Time zones and local days.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan};

use super::Timestamp;

/// A time zone of the bundled IANA database, so the result does not depend on the machine.
#[derive(Clone, PartialEq, Eq)]
pub struct Zone(TimeZone);

/// A calendar day, without a zone.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(Date);

/// No zone has this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` is not a time zone of the IANA database, such as Europe/Berlin")]
pub struct UnknownZone {
    /// The input.
    pub name: String,
}

impl Zone {
    /// Coordinated universal time.
    pub const UTC: Self = Self(TimeZone::UTC);

    /// The zone's IANA name.
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// The local day of `moment`.
    pub fn day_of(&self, moment: Timestamp) -> Day {
        Day(self.0.to_datetime(to_jiff(moment)).date())
    }

    /// The start of `day` in this zone: midnight, or the first moment after a gap if the clocks skip midnight.
    pub fn start_of(&self, day: Day) -> Timestamp {
        let Ok(start) = day.0.to_zoned(self.0.clone()).and_then(|zoned| zoned.start_of_day()) else {
            // Only the first and last days of the calendar have no start.
            return Timestamp::from_micros(i64::MAX);
        };
        from_jiff(start.timestamp())
    }

    /// `moment` plus whole calendar months, at the same local day and time, or on the month's last day if it is
    /// shorter (31 January plus one month is 28 or 29 February).
    pub fn plus_months(&self, moment: Timestamp, months: i32) -> Timestamp {
        let zoned = to_jiff(moment).to_zoned(self.0.clone());
        let moved = zoned.checked_add(Span::new().months(months));
        moved.map_or(Timestamp::from_micros(i64::MAX), |later| from_jiff(later.timestamp()))
    }
}

impl Day {
    /// The day after this one.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.checked_add(1.day()).unwrap_or(Date::MAX))
    }

    /// The first of this day's month.
    #[must_use]
    pub fn first_of_month(self) -> Self {
        Self(self.0.first_of_month())
    }

    /// Whether both days are in the same month of the same year.
    pub fn same_month(self, other: Self) -> bool {
        self.0.first_of_month() == other.0.first_of_month()
    }
}

fn to_jiff(moment: Timestamp) -> jiff::Timestamp {
    jiff::Timestamp::from_microsecond(moment.micros()).unwrap_or(jiff::Timestamp::MAX)
}

fn from_jiff(moment: jiff::Timestamp) -> Timestamp {
    Timestamp::from_micros(moment.as_microsecond())
}

impl std::str::FromStr for Zone {
    type Err = UnknownZone;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        TimeZone::get(name).map(Self).map_err(|_| UnknownZone { name: name.to_owned() })
    }
}

impl std::fmt::Debug for Zone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl std::str::FromStr for Day {
    type Err = super::ParseTimestampError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self).map_err(|_| super::ParseTimestampError { text: text.to_owned() })
    }
}

impl std::fmt::Display for Day {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::fmt::Debug for Day {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

impl serde::Serialize for Day {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn the_day_depends_on_the_zone() {
        let moment = at("2026-03-01T23:30:00Z");
        let day = |zone: &str| zone.parse::<Zone>().unwrap().day_of(moment).to_string();
        assert_eq!(day("UTC"), "2026-03-01");
        assert_eq!(day("Europe/Berlin"), "2026-03-02");
        assert_eq!(day("America/New_York"), "2026-03-01");
        assert!("Mars/Olympus".parse::<Zone>().is_err());
    }

    #[test]
    fn days_begin_right_where_clocks_change() {
        let start =
            |zone: &str, day: &str| zone.parse::<Zone>().unwrap().start_of(day.parse().unwrap()).to_string();
        assert_eq!(start("Europe/Berlin", "2026-03-29"), "2026-03-28T23:00:00Z");
        assert_eq!(start("Europe/Berlin", "2026-03-30"), "2026-03-29T22:00:00Z");
        // Clocks in Cairo skip from midnight to one o'clock.
        assert_eq!(start("Africa/Cairo", "2026-04-24"), "2026-04-23T22:00:00Z");
    }

    #[test]
    fn months_end_on_their_last_day() {
        assert_eq!(Zone::UTC.plus_months(at("2026-01-31T10:00:00Z"), 1), at("2026-02-28T10:00:00Z"));
        assert_eq!(Zone::UTC.plus_months(at("2028-01-31T10:00:00Z"), 1), at("2028-02-29T10:00:00Z"));
        assert_eq!(Zone::UTC.plus_months(at("2026-12-31T10:00:00Z"), 2), at("2027-02-28T10:00:00Z"));
    }
}
