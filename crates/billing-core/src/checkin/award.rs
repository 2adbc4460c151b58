//! What a check-in brings.

use super::{CheckIn, CheckInConfig, CheckInRefusal};
use crate::values::{AccountId, CheckInId, Credits, Day, IdSource, Timestamp, Zone};

/// Where an account stands with its check-ins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Today, where the account is.
    pub day: Day,
    /// Whether today's credits were given.
    pub checked_in_today: bool,
    /// How many days in a row, counting today only once it is checked in; 0 once a day was missed.
    pub streak: u32,
    /// What the next check-in brings.
    pub next_reward: Credits,
    /// When the next check-in is possible; now, where today's is still open.
    pub next_at: Timestamp,
}

/// Today's check-in of an account whose latest was `last`.
///
/// # Errors
///
/// [`CheckInRefusal`] if check-in is off or today's was given. Moving to another time zone brings no second
/// check-in: whoever checked in waits for the next day of the zone in which it was done.
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

/// Where an account whose latest check-in was `last` stands at `now`.
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
    /// What the given day of a streak brings: the daily credits, and the bonus of that day.
    pub fn reward(&self, streak: u32) -> Credits {
        let bonus = self.streak_bonuses.iter().find(|bonus| bonus.day == streak);
        let bonus = Credits::new(bonus.map_or(0, |bonus| bonus.credits));
        // Both are checked to be far below the range when they are written.
        self.daily_credits.plus(bonus).unwrap_or(self.daily_credits)
    }
}
