//! The credits of a check-in.

use super::{CheckIn, CheckInConfig, CheckInRefusal};
use crate::values::{AccountId, CheckInId, Credits, Day, IdSource, Timestamp, Zone};

/// The check-in status of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The current day in the account's time zone.
    pub day: Day,
    /// Whether today's credits were granted.
    pub checked_in_today: bool,
    /// The consecutive days, with today once it is checked in; 0 after a missed day.
    pub streak: u32,
    /// The credits of the next check-in.
    pub next_reward: Credits,
    /// When the next check-in is possible; now, if today's is open.
    pub next_at: Timestamp,
}

/// Today's check-in of an account whose latest one was `last`.
///
/// # Errors
///
/// [`CheckInRefusal`] if check-in is disabled or today's was done. A change of time zone does not allow a second
/// check-in: the next day is that of the zone of the last check-in.
pub fn award(
    config: &CheckInConfig,
    zone: &Zone,
    account: AccountId,
    last: Option<&CheckIn>,
    now: Timestamp,
    ids: &dyn IdSource,
) -> Result<CheckIn, CheckInRefusal> {
    if !config.enabled {
        return Err(CheckInRefusal::Disabled);
    }
    let today = standing(config, zone, last, now);
    if today.checked_in_today {
        return Err(CheckInRefusal::AlreadyCheckedIn { next_at: today.next_at });
    }
    let streak = today.streak.saturating_add(1);
    Ok(CheckIn {
        id: CheckInId::new(ids),
        account,
        day: today.day,
        streak,
        credits: config.reward(streak),
        at: now,
        next_at: zone.start_of(today.day.next()),
        request_key: None,
    })
}

/// The status at `now` of an account whose latest check-in was `last`.
pub fn standing(config: &CheckInConfig, zone: &Zone, last: Option<&CheckIn>, now: Timestamp) -> Standing {
    let day = zone.day_of(now);
    let waiting = last.filter(|last| day <= last.day || now < last.next_at);
    if let Some(last) = waiting {
        let next_at = last.next_at.max(zone.start_of(last.day.next()));
        let next_reward = config.reward(last.streak.saturating_add(1));
        return Standing { day, checked_in_today: true, streak: last.streak, next_reward, next_at };
    }
    let streak = last.filter(|last| last.day.next() == day).map_or(0, |last| last.streak);
    let next_reward = config.reward(streak.saturating_add(1));
    Standing { day, checked_in_today: false, streak, next_reward, next_at: now }
}

impl CheckInConfig {
    /// The credits of a day of a streak: the daily credits plus that day's bonus.
    pub fn reward(&self, streak: u32) -> Credits {
        let bonus = self.streak_bonuses.iter().find(|bonus| bonus.day == streak);
        let bonus = Credits::new(bonus.map_or(0, |bonus| bonus.credits));
        // Both are validated to be far below the range.
        self.daily_credits.plus(bonus).unwrap_or(self.daily_credits)
    }
}
