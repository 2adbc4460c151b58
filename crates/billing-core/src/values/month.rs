//! Calendar months.

use super::as_text::as_text;
use super::{Day, ParseTimestampError, Timestamp, Zone};

/// A calendar month in a time zone, as text `2026-04`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(Day);

impl Zone {
    /// The local calendar month of `moment`.
    pub fn month_of(&self, moment: Timestamp) -> Month {
        Month(self.day_of(moment).first_of_month())
    }
}

impl std::str::FromStr for Month {
    type Err = ParseTimestampError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || ParseTimestampError { text: text.to_owned() };
        let month = format!("{text}-01").parse().map(Self).map_err(|_| wrong())?;
        // A month has one spelling.
        if month.to_string() == text { Ok(month) } else { Err(wrong()) }
    }
}

impl std::fmt::Display for Month {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let first = self.0.to_string();
        f.write_str(first.strip_suffix("-01").unwrap_or(&first))
    }
}

impl std::fmt::Debug for Month {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

as_text!(Month);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_begins_at_local_midnight() {
        let last: Timestamp = "2026-03-31T22:30:00Z".parse().unwrap();
        assert_eq!(Zone::UTC.month_of(last).to_string(), "2026-03");
        let berlin: Zone = "Europe/Berlin".parse().unwrap();
        assert_eq!(berlin.month_of(last).to_string(), "2026-04");
    }

    #[test]
    fn a_month_has_one_spelling() {
        assert_eq!("2026-04".parse::<Month>().map(|month| month.to_string()).as_deref(), Ok("2026-04"));
        for text in ["", "2026", "2026-4", "2026-13", "2026-04-01", "202604", "26-04"] {
            assert!(text.parse::<Month>().is_err(), "{text}");
        }
    }
}
