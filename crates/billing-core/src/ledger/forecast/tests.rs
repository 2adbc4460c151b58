use uuid::Uuid;

use super::{Forecast, Pace, forecast};
use crate::ledger::{Actor, Balance, EntryType, Grant, Loaded, Origin, Rollover, Source, Stage};
use crate::values::{AccountId, BusinessKey, Credits, GrantId, Metadata, Timestamp};

const DAY: i64 = 86_400_000_000;

fn day(day: i64) -> Timestamp {
    let noon: Timestamp = "2026-04-15T12:00:00Z".parse().unwrap();
    noon.plus_days(day)
}

/// A grant of `amount` that ends after `end` days.
fn grant(number: u128, amount: i64, end: Option<i64>) -> Grant {
    Grant {
        id: GrantId::from_uuid(Uuid::from_u128(number)),
        account: AccountId::from_uuid(Uuid::from_u128(1)),
        amount: Credits::new(amount),
        remaining: Credits::new(amount),
        pinned: Credits::ZERO,
        forfeited: Credits::ZERO,
        clawed: Credits::ZERO,
        source: Source::Manual,
        priority: 0,
        effective_at: day(-1),
        expires_at: end.map(day),
        late_until: None,
        rollover: None,
        stage: Stage::Active,
        business_key: BusinessKey::from_stored(number.to_string()),
        posting_key: None,
        origin: Origin::default(),
        kind: EntryType::GRANT,
        actor: Actor::Time,
        description: String::new(),
        metadata: Metadata::default(),
        created_at: day(-1),
    }
}

fn upcoming(number: u128, amount: i64, begin: i64, end: Option<i64>) -> Grant {
    Grant { effective_at: day(begin), stage: Stage::Upcoming, ..grant(number, amount, end) }
}

/// The forecast of `grants` at `a_week` credits per week: when nothing is left, and how much expires unused.
fn outcome(grants: Vec<Grant>, a_week: i64) -> (Option<Timestamp>, i64) {
    let mut balance = Balance::empty(grants[0].account);
    let active = grants.iter().filter(|grant| grant.stage == Stage::Active);
    balance.posted = Credits::sum(active.map(|grant| grant.remaining)).unwrap();
    balance.held = Credits::sum(grants.iter().map(|grant| grant.pinned)).unwrap();
    let state = Loaded { grants, ..Loaded::new(balance) }.into();
    let pace = Pace { spent: Credits::new(a_week), micros: 7 * DAY };
    let Forecast { runs_out_at, expires_unused } = forecast(&state, pace, day(0));
    (runs_out_at, expires_unused.get())
}

#[test]
fn credits_run_out_when_the_last_one_is_spent() {
    assert_eq!(outcome(vec![grant(1, 70, None)], 70), (Some(day(7)), 0));
    assert_eq!(outcome(vec![grant(1, 70, None), grant(2, 30, None)], 70), (Some(day(10)), 0));
    // A third of a day to the microsecond, rounded up.
    let third = Timestamp::from_micros(day(0).micros() + 7 * DAY / 3);
    assert_eq!(outcome(vec![grant(1, 1, None)], 3), (Some(third), 0));
    assert_eq!(
        outcome(vec![grant(1, i64::MAX, None)], 1),
        (None, 0),
        "that is after the end of the calendar"
    );
}

#[test]
fn credits_that_nobody_spends_last_for_good_or_until_they_end() {
    assert_eq!(outcome(vec![grant(1, 70, None)], 0), (None, 0));
    assert_eq!(outcome(vec![grant(1, 70, None)], -5), (None, 0));
    assert_eq!(outcome(vec![grant(1, 70, Some(30))], 0), (Some(day(30)), 70));
    assert_eq!(outcome(vec![grant(1, 70, Some(30)), grant(2, 1, None)], 0), (None, 70));
}

#[test]
fn what_ends_sooner_is_spent_first_and_the_rest_of_it_is_lost() {
    // Ten a day: thirty of the second are spent in its three days, twenty expire.
    assert_eq!(outcome(vec![grant(1, 100, None), grant(2, 50, Some(3))], 70), (Some(day(13)), 20));
    assert_eq!(outcome(vec![grant(1, 100, None), grant(2, 30, Some(3))], 70), (Some(day(13)), 0));
    // The last credit is spent at the moment of its end: nothing expires.
    assert_eq!(outcome(vec![grant(1, 30, Some(3))], 70), (Some(day(3)), 0));
}

#[test]
fn what_was_promised_counts_from_its_moment_on() {
    let months = vec![grant(1, 30, Some(30)), upcoming(2, 70, 2, Some(32))];
    assert_eq!(outcome(months, 70), (Some(day(10)), 0));
    // Too late: the credits have run out by then.
    assert_eq!(outcome(vec![grant(1, 30, None), upcoming(2, 70, 4, None)], 70), (Some(day(3)), 0));
    // One ends when the next starts.
    let seamless = vec![grant(1, 100, Some(5)), upcoming(2, 10, 5, None)];
    assert_eq!(outcome(seamless, 70), (Some(day(6)), 50));
}

#[test]
fn what_rolls_over_lives_on() {
    let rollover = Rollover { cap: Credits::new(20), until: day(9) };
    let rolls = Grant { rollover: Some(rollover), ..grant(1, 100, Some(5)) };
    assert_eq!(outcome(vec![rolls.clone()], 70), (Some(day(7)), 30));
    assert_eq!(outcome(vec![rolls], 7), (Some(day(9)), 75 + 16));
}

#[test]
fn what_is_held_is_as_good_as_spent_and_what_waits_for_late_usage_too() {
    let held = Grant { pinned: Credits::new(20), ..grant(1, 70, None) };
    assert_eq!(outcome(vec![held], 70), (Some(day(5)), 0));
    let mut late = grant(2, 1000, Some(-1));
    late.stage = Stage::Late;
    assert_eq!(outcome(vec![grant(1, 10, None), late], 70), (Some(day(1)), 0));
}

#[test]
fn who_has_nothing_has_run_out_now() {
    assert_eq!(outcome(vec![upcoming(1, 70, 1, None)], 70), (Some(day(0)), 0));
}
