//! What holds of check-ins, whenever and wherever they are made.
#![expect(clippy::unwrap_used, reason = "what the tests make themselves is known to be there")]

use std::sync::atomic::{AtomicU64, Ordering};

use billing_core::checkin::{CheckIn, CheckInConfig, CheckInRefusal, StreakBonus, award, standing};
use billing_core::values::{AccountId, Credits, Day, IdSource, Timestamp, Zone};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// Zones from one end of the day to the other; some change their clocks, two of them by less than an hour or
/// at midnight.
const ZONES: [&str; 9] = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Africa/Cairo",
    "America/Santiago",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
];

#[derive(Default)]
struct Counting(AtomicU64);

impl IdSource for Counting {
    fn next_uuid(&self) -> uuid::Uuid {
        uuid::Uuid::from_u128(u128::from(self.0.fetch_add(1, Ordering::Relaxed)))
    }
}

fn zone(name: &str) -> Zone {
    name.parse().unwrap()
}

fn account() -> AccountId {
    AccountId::from_uuid(uuid::Uuid::from_u128(1))
}

fn config() -> CheckInConfig {
    let streak_bonuses = vec![StreakBonus { day: 2, credits: 5 }, StreakBonus { day: 7, credits: 50 }];
    CheckInConfig { streak_bonuses, ..CheckInConfig::default() }
}

/// Somewhere in the years 2024 to 2028.
fn begin() -> impl Strategy<Value = Timestamp> {
    (1_704_067_200_i64..1_830_297_600).prop_map(Timestamp::from_unix_seconds)
}

/// How much later somebody tries again, in seconds: at once, the same day, the next, or some days later.
fn waits() -> impl Strategy<Value = Vec<i64>> {
    let wait =
        prop_oneof![2 => 0_i64..7200, 4 => 0_i64..90_000, 4 => 80_000_i64..93_000, 1 => 0_i64..400_000];
    vec(wait, 1..40)
}

fn days_apart(first: Day, last: Day) -> i64 {
    Zone::UTC.start_of(last).seconds_since(Zone::UTC.start_of(first)) / 86_400
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    /// In one zone there is one check-in per local day, and whoever tries on a new day gets it.
    #[test]
    fn each_local_day_has_one_check_in(name in select(&ZONES[..]), begin in begin(), waits in waits()) {
        let (zone, ids) = (zone(name), Counting::default());
        let (mut now, mut last): (_, Option<CheckIn>) = (begin, None);
        for wait in waits {
            now = now.plus_seconds(wait);
            let today = zone.day_of(now);
            let fresh = last.as_ref().is_none_or(|last| last.day < today);
            match award(&config(), &zone, account(), last.as_ref(), now, &ids) {
                Ok(check_in) => {
                    prop_assert!(fresh, "a second check-in on {today}");
                    prop_assert_eq!((check_in.day, check_in.at), (today, now));
                    // The next one is possible from the first moment of the next day on.
                    let before = Timestamp::from_micros(check_in.next_at.micros() - 1);
                    prop_assert_eq!(zone.day_of(before), today);
                    prop_assert_eq!(zone.day_of(check_in.next_at), today.next());
                    last = Some(check_in);
                }
                Err(refusal) => {
                    prop_assert!(!fresh, "no check-in on {today}, though none was made");
                    let next_at = last.as_ref().unwrap().next_at;
                    prop_assert_eq!(refusal, CheckInRefusal::AlreadyCheckedIn { next_at });
                }
            }
        }
    }

    /// A streak counts days in a row: it goes on after yesterday and begins anew after a day that was missed.
    #[test]
    fn a_streak_counts_days_in_a_row(name in select(&ZONES[..]), begin in begin(), waits in waits()) {
        let (zone, ids) = (zone(name), Counting::default());
        let (mut now, mut made): (_, Vec<CheckIn>) = (begin, Vec::new());
        for wait in waits {
            now = now.plus_seconds(wait);
            made.extend(award(&config(), &zone, account(), made.last(), now, &ids).ok());
        }
        let mut row = 0;
        for (place, check_in) in made.iter().enumerate() {
            let in_a_row = place > 0 && days_apart(made[place - 1].day, check_in.day) == 1;
            row = if in_a_row { row + 1 } else { 1 };
            let bonus = match row { 2 => 5, 7 => 50, _ => 0 };
            prop_assert_eq!((check_in.streak, check_in.credits), (row, Credits::new(10 + bonus)));
        }
    }

    /// Where an account stands is what a check-in then finds.
    #[test]
    fn standing_tells_what_a_check_in_finds(name in select(&ZONES[..]), begin in begin(), waits in waits()) {
        let (zone, ids) = (zone(name), Counting::default());
        let (mut now, mut last): (_, Option<CheckIn>) = (begin, None);
        for wait in waits {
            now = now.plus_seconds(wait);
            let told = standing(&config(), &zone, last.as_ref(), now);
            match award(&config(), &zone, account(), last.as_ref(), now, &ids) {
                Ok(check_in) => {
                    prop_assert!(!told.checked_in_today && told.next_at == now);
                    prop_assert_eq!((told.next_reward, told.streak + 1), (check_in.credits, check_in.streak));
                    let after = standing(&config(), &zone, Some(&check_in), now);
                    prop_assert!(after.checked_in_today);
                    prop_assert_eq!((after.streak, after.next_at), (check_in.streak, check_in.next_at));
                    last = Some(check_in);
                }
                Err(_) => prop_assert!(told.checked_in_today && told.next_at > now),
            }
        }
    }

    /// Moving from zone to zone brings no more check-ins than days have passed, whatever one does.
    #[test]
    fn moving_about_brings_nothing(
        begin in begin(),
        moves in vec((select(&ZONES[..]), 0_i64..40_000), 1..60),
    ) {
        let ids = Counting::default();
        let (mut now, mut made): (_, Vec<CheckIn>) = (begin, Vec::new());
        for (name, wait) in moves {
            now = now.plus_seconds(wait);
            made.extend(award(&config(), &zone(name), account(), made.last(), now, &ids).ok());
        }
        for pair in made.windows(2) {
            prop_assert!(pair[0].day < pair[1].day, "one day twice");
            prop_assert!(pair[0].next_at <= pair[1].at, "before the next day began where the last was made");
        }
        if let (Some(first), Some(last)) = (made.first(), made.last()) {
            // Between the first and the last place on earth where a day begins lie 25 hours.
            let most = (last.at.seconds_since(first.at) + 25 * 3600) / 86_400 + 2;
            prop_assert!(i64::try_from(made.len()).unwrap() <= most, "{} in {most} days", made.len());
        }
    }
}
