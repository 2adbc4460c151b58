//! Paid periods and the calendar: months of unequal length, leap days, the turn of the year, and the days on which
//! clocks jump. Providers say times in UTC, so that is what counts.
#![expect(clippy::unwrap_used, reason = "what the tests make themselves is known to be there")]

use billing_core::catalog::{CreditsInterval, MonthlyShare, period_grants};
use billing_core::values::{Period, Timestamp, Zone};
use proptest::prelude::*;
use proptest::sample::select;

const DAY: i64 = 86_400;

/// Beginnings that calendars make difficult.
const STARTS: [&str; 14] = [
    "2026-01-31T10:00:00Z",
    "2027-01-31T23:59:59Z",
    "2028-01-31T00:00:00Z",
    "2028-02-29T12:00:00Z",
    "2027-02-28T12:00:00Z",
    "2026-12-31T23:59:59Z",
    "2027-01-01T00:00:00Z",
    "2026-08-31T06:30:00Z",
    "2026-11-30T00:00:01Z",
    // An hour before, at and after the clocks of Berlin and New York jump.
    "2026-03-29T00:00:00Z",
    "2026-03-29T01:00:00Z",
    "2026-10-25T01:00:00Z",
    "2026-03-08T07:00:00Z",
    "2026-11-01T06:00:00Z",
];

fn moment(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// The period number `count`, each of so many months, of a subscription that is anchored at `start`, as Stripe says it.
fn period(start: Timestamp, months: i32, count: i32) -> Period {
    let at = |count: i32| Zone::UTC.plus_months(start, months * count);
    Period { start: at(count), end: at(count + 1) }
}

fn monthly(period: Period) -> Vec<MonthlyShare> {
    period_grants(period, CreditsInterval::Monthly)
}

/// The date of `moment` in UTC: year, month, day.
fn date(moment: Timestamp) -> (i32, u32, u32) {
    let text = moment.to_string();
    let part = |from: usize, to: usize| text[from..to].parse::<u32>().unwrap();
    (i32::try_from(part(0, 4)).unwrap(), part(5, 7), part(8, 10))
}

fn length_of_month(year: i32, month: u32) -> u32 {
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn any_start() -> impl Strategy<Value = Timestamp> {
    prop_oneof![
        select(STARTS.to_vec()).prop_map(moment),
        (1_577_836_800_i64..2_208_988_800).prop_map(Timestamp::from_unix_seconds),
    ]
}

#[test]
fn a_subscription_that_begins_on_the_31st_of_january_keeps_to_the_ends_of_months() {
    let start = moment("2028-01-31T10:00:00Z");
    let ends: Vec<_> = (0..13).map(|count| date(period(start, 1, count).end)).collect();
    let days = [29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 31, 28];
    assert_eq!(ends.iter().map(|(_, _, day)| *day).collect::<Vec<_>>(), days);
    let year = monthly(period(start, 12, 0));
    assert_eq!(year.iter().map(|share| date(share.ends_at).2).collect::<Vec<_>>(), days[..12]);
}

#[test]
fn a_subscription_that_begins_on_the_29th_of_february_comes_back_to_it_every_four_years() {
    let start = moment("2028-02-29T12:00:00Z");
    let ends: Vec<_> = (0..4).map(|count| date(period(start, 12, count).end)).collect();
    assert_eq!(ends, [(2029, 2, 28), (2030, 2, 28), (2031, 2, 28), (2032, 2, 29)]);
    for count in 0..4 {
        assert_eq!(monthly(period(start, 12, count)).len(), 12, "year {count}");
    }
}

#[test]
fn a_month_is_one_share_and_a_year_twelve_whenever_they_begin() {
    for start in STARTS.map(moment) {
        for count in 0..48 {
            let month = period(start, 1, count);
            let share = MonthlyShare { month: 0, effective_at: month.start, ends_at: month.end };
            assert_eq!(monthly(month), [share], "{start} {count}");
        }
        for count in 0..8 {
            assert_eq!(monthly(period(start, 12, count)).len(), 12, "{start} {count}");
        }
    }
}

#[test]
fn a_share_of_a_period_at_which_clocks_jump_is_neither_an_hour_longer_nor_shorter() {
    for start in STARTS.map(moment) {
        for share in monthly(period(start, 12, 0)) {
            let seconds = share.ends_at.seconds_since(share.effective_at);
            assert_eq!(seconds % DAY, 0, "{start}: {seconds} seconds");
            assert_eq!(share.ends_at.seconds_since(start) % DAY, 0, "{start}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    /// Of a year of monthly credits, twelve times what a month brings is handed out: no share twice, none left out.
    #[test]
    fn the_shares_of_a_year_are_twelve_that_follow_each_other(start in any_start(), count in 0_i32..4) {
        let year = period(start, 12, count);
        let shares = monthly(year);
        prop_assert_eq!(shares.len(), 12);
        prop_assert_eq!((shares[0].effective_at, shares[11].ends_at), (year.start, year.end));
        for pair in shares.windows(2) {
            prop_assert_eq!(pair[0].ends_at, pair[1].effective_at, "each begins where the one before it ends");
        }
        for second in (0..year.end.seconds_since(year.start)).step_by(7 * 3600) {
            let now = year.start.plus_seconds(second);
            let current = shares.iter().filter(|share| share.effective_at <= now && now < share.ends_at);
            prop_assert_eq!(current.count(), 1, "at every moment there is one share: {}", now);
        }
    }

    /// A share begins on the day of the month on which its year began, or on the last one of a shorter month, at the same
    /// time of day.
    #[test]
    fn a_share_begins_on_its_own_day_or_on_the_last_of_a_shorter_month(start in any_start()) {
        let (_, _, anchor) = date(start);
        for share in monthly(period(start, 12, 0)) {
            let (year, month, day) = date(share.effective_at);
            prop_assert_eq!(day, anchor.min(length_of_month(year, month)));
            prop_assert_eq!(share.effective_at.seconds_since(start) % DAY, 0);
        }
    }

    /// The last share of a year ends where the first one of the next year begins, year after year.
    #[test]
    fn years_follow_each_other_as_their_months_do(start in any_start(), count in 0_i32..8) {
        let (this, next) = (monthly(period(start, 12, count)), monthly(period(start, 12, count + 1)));
        prop_assert_eq!(this.last().unwrap().ends_at, next[0].effective_at);
    }

    /// The same moments written with another zone's offset are the same periods.
    #[test]
    fn where_somebody_lives_changes_no_share(start in any_start(), quarters in -48_i64..=56) {
        let (hours, minutes) = (quarters / 4, quarters.abs() % 4 * 15);
        let sign = if quarters < 0 { '-' } else { '+' };
        let offset = format!("{sign}{:02}:{minutes:02}", hours.abs());
        let local = start.plus_seconds(quarters * 900).to_string().replace('Z', &offset);
        prop_assert_eq!(moment(&local), start, "{}", local);
        prop_assert_eq!(monthly(period(moment(&local), 12, 0)), monthly(period(start, 12, 0)));
    }

    /// A provider's period begins and ends some seconds off: the number of shares is that of its months all the same.
    #[test]
    fn some_seconds_more_or_less_are_no_month(
        start in any_start(),
        months in 1_i32..=24,
        early in -7_i64..=7,
        late in -7_i64..=7,
    ) {
        let exact = period(start, months, 0);
        let off = Period { start: exact.start.plus_seconds(early), end: exact.end.plus_seconds(late) };
        prop_assert_eq!(monthly(off).len(), usize::try_from(months).unwrap());
        prop_assert_eq!(monthly(off).last().unwrap().ends_at, off.end);
    }
}
