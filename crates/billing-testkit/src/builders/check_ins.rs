//! Check-ins.

use billing_core::checkin::{CheckIn, CheckInConfig, StreakBonus};
use billing_core::values::{AccountId, CheckInId, Credits, Day, IdSource, Zone};

/// The check-in of `day`, at noon in UTC.
pub fn a_check_in(account: AccountId, day: &str, ids: &dyn IdSource) -> CheckIn {
    let day: Day = day.parse().unwrap();
    CheckIn {
        id: CheckInId::new(ids),
        account,
        day,
        streak: 1,
        credits: Credits::new(10),
        at: Zone::UTC.start_of(day).plus_seconds(12 * 3600),
        next_at: Zone::UTC.start_of(day.next()),
        request_key: None,
    }
}

/// A configuration with every field set, and none at its default.
pub fn a_full_check_in_config() -> CheckInConfig {
    CheckInConfig {
        enabled: false,
        daily_credits: Credits::new(25),
        streak_bonuses: vec![StreakBonus { day: 7, credits: 50 }, StreakBonus { day: 30, credits: 500 }],
        timezone: "Europe/Berlin".to_owned(),
        use_account_timezone: true,
        expires_after_days: Some(30),
        version: 0,
    }
}
