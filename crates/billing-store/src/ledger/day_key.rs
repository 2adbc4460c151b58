//! Local days in SQL.

use std::fmt::Write;

use billing_core::values::{Timestamp, Zone};

/// A day in microseconds.
const DAY: i64 = 86_400_000_000;

/// An SQL expression for the local day of `column`, a time between `from` and `to`, as the number of days since 1
/// January 1970.
///
/// Databases have their own time zone tables, or none. Between two clock changes of a zone, the day is a division, so
/// the expression has one branch for each stretch without a change and one for each day with one.
pub(super) fn day_key(column: &str, zone: &Zone, from: Timestamp, to: Timestamp) -> String {
    let mut branches = String::new();
    let last = zone.day_of(to);
    let mut day = zone.day_of(from);
    let mut number = Zone::UTC.start_of(day).micros().div_euclid(DAY);
    let mut start = zone.start_of(day).micros();
    let mut shift = None;
    while day <= last {
        let next = day.next();
        let end = zone.start_of(next).micros();
        let whole = end.saturating_sub(start) == DAY;
        let own = start.saturating_sub(number.saturating_mul(DAY));
        if shift.is_some_and(|shift| !whole || shift != own) {
            stretch(&mut branches, column, start, shift.take());
        }
        if whole {
            shift = Some(own);
        } else {
            let _ = write!(branches, " WHEN {column} < {end} THEN {number}");
        }
        (day, number, start) = (next, number.saturating_add(1), end);
    }
    stretch(&mut branches, column, start, shift);
    format!("(CASE{branches} END)")
}

fn stretch(branches: &mut String, column: &str, end: i64, shift: Option<i64>) {
    if let Some(shift) = shift {
        let _ = write!(branches, " WHEN {column} < {end} THEN ({column} - ({shift})) / {DAY}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The value of the expression at a time, evaluated as a database does.
    fn day(expression: &str, moment: i64) -> i64 {
        for branch in expression.split(" WHEN ").skip(1) {
            let (end, then) = branch.split_once(" THEN ").unwrap();
            let end: i64 = end.trim_start_matches("at < ").parse().unwrap();
            if moment >= end {
                continue;
            }
            let then = then.trim_end_matches(" END)");
            let Some(shift) = then.strip_prefix("(at - (") else { return then.parse().unwrap() };
            let shift: i64 = shift.split_once(')').unwrap().0.parse().unwrap();
            return (moment - shift) / DAY;
        }
        panic!("{moment} has no day in {expression}");
    }

    #[test]
    fn every_hour_of_a_year_falls_on_its_local_day() {
        for name in [
            "UTC",
            "Europe/Berlin",
            "Asia/Tokyo",
            "America/St_Johns",
            "Australia/Lord_Howe",
            "Asia/Kathmandu",
        ] {
            let zone: Zone = name.parse().unwrap();
            let from: Timestamp = "2026-01-10T05:00:00Z".parse().unwrap();
            let to = from.plus_days(366);
            let expression = day_key("at", &zone, from, to);
            let mut moment = from.micros();
            while moment < to.micros() {
                let day_of = zone.day_of(Timestamp::from_micros(moment));
                let expected = Zone::UTC.start_of(day_of).micros() / DAY;
                assert_eq!(day(&expression, moment), expected, "{name} at {moment}");
                moment += 1_800_000_000;
            }
        }
    }
}
