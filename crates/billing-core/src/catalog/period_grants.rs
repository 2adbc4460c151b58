//! The grants of one paid period of a plan.

use super::CreditsInterval;
use crate::values::{Period, Timestamp, Zone};

/// One grant of a paid period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MonthlyShare {
    /// The index of the grant within the period, from 0.
    pub month: u32,
    /// The start of its credits.
    pub effective_at: Timestamp,
    /// The next renewal of its credits; the rest expires a grace period later.
    pub ends_at: Timestamp,
}

/// Splits a paid period into grants: one for the whole period, or one per month if the plan's credits are monthly.
/// Months are counted from the period's start in UTC, each starting on the same day or the month's last, as Stripe's
/// billing anchor does.
pub fn period_grants(period: Period, credits_interval: CreditsInterval) -> Vec<MonthlyShare> {
    let whole = MonthlyShare { month: 0, effective_at: period.start, ends_at: period.end };
    if credits_interval == CreditsInterval::PerPeriod {
        return vec![whole];
    }
    let mut shares = Vec::new();
    let mut effective_at = period.start;
    for month in 0_u32..120 {
        let next = Zone::UTC.plus_months(period.start, i32::try_from(month).unwrap_or(0).saturating_add(1));
        // A remainder of a few days (a provider's rounding, a shortened month) belongs to the last share.
        let last = next.plus_days(5) >= period.end;
        let ends_at = if last { period.end } else { next };
        shares.push(MonthlyShare { month, effective_at, ends_at });
        if last {
            break;
        }
        effective_at = next;
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    fn period(start: &str, end: &str) -> Period {
        Period { start: start.parse().unwrap(), end: end.parse().unwrap() }
    }

    #[test]
    fn a_month_is_one_grant_whatever_its_length() {
        for (start, end) in [
            ("2026-01-31T10:00:00Z", "2026-02-28T10:00:00Z"),
            ("2026-02-28T10:00:00Z", "2026-03-31T10:00:00Z"),
            ("2026-11-01T02:00:00Z", "2026-12-01T02:00:00Z"),
        ] {
            let shares = period_grants(period(start, end), CreditsInterval::Monthly);
            assert_eq!(shares.len(), 1, "{start}");
            assert_eq!(shares[0].ends_at, end.parse().unwrap());
        }
    }

    #[test]
    fn a_year_of_monthly_credits_is_twelve_grants_without_gap_or_overlap() {
        let year = period("2027-01-31T10:00:00Z", "2028-01-31T10:00:00Z");
        let shares = period_grants(year, CreditsInterval::Monthly);
        assert_eq!(shares.len(), 12);
        assert_eq!(shares[0].effective_at, year.start);
        assert_eq!(shares[11].ends_at, year.end);
        assert!(shares.windows(2).all(|pair| pair[0].ends_at == pair[1].effective_at));
        assert_eq!(shares[1].effective_at.to_string(), "2027-02-28T10:00:00Z");
        assert_eq!(shares[2].effective_at.to_string(), "2027-03-31T10:00:00Z");
    }

    #[test]
    fn credits_per_period_come_once() {
        let year = period("2026-02-28T00:00:00Z", "2027-02-28T00:00:00Z");
        assert_eq!(period_grants(year, CreditsInterval::PerPeriod).len(), 1);
    }
}
