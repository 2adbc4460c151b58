//! Check-in.

use billing_core::checkin::{CheckInConfig, StreakBonus};
use billing_core::requests::{CheckInState, CheckedIn};
use billing_core::values::Credits;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::request::Whole;

/// The account; for keys that are bound to none.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CheckInBody {
    pub(crate) account_id: Option<String>,
}

/// A completed check-in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CheckInView {
    /// The credits granted.
    credits: i64,
    /// The position in the streak.
    streak: u32,
    /// The credits of the next check-in.
    next_reward: i64,
    /// The local day, `YYYY-MM-DD`.
    day: String,
    /// When the next check-in is possible; RFC 3339, UTC.
    next_at: String,
}

/// An account's check-in status.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CheckInStateView {
    enabled: bool,
    /// The current day in the account's time zone.
    day: String,
    checked_in_today: bool,
    streak: u32,
    next_reward: i64,
    /// When the next check-in is possible; RFC 3339, UTC.
    next_at: String,
    /// This month's days with a check-in.
    calendar: Vec<CalendarDay>,
}

/// One day of the calendar.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CalendarDay {
    day: String,
    credits: i64,
}

/// The check-in configuration.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CheckInConfigBody {
    enabled: bool,
    /// The credits of each day.
    daily_credits: Whole,
    /// The bonus credits of certain days of a streak.
    #[serde(default)]
    streak_bonuses: Vec<StreakBonusBody>,
    /// The IANA time zone of days; UTC by default.
    timezone: Option<String>,
    /// Whether an account's own time zone takes precedence; false by default.
    #[serde(default)]
    use_account_timezone: bool,
    /// The days until its credits expire; never by default.
    expires_after_days: Option<u32>,
}

/// Bonus credits for reaching a day of a streak.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StreakBonusBody {
    day: u32,
    credits: i64,
}

/// The check-in configuration.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CheckInConfigView {
    enabled: bool,
    daily_credits: i64,
    streak_bonuses: Vec<StreakBonusBody>,
    timezone: String,
    use_account_timezone: bool,
    expires_after_days: Option<u32>,
}

impl From<CheckedIn> for CheckInView {
    fn from(done: CheckedIn) -> Self {
        Self {
            credits: done.check_in.credits.get(),
            streak: done.check_in.streak,
            next_reward: done.next_reward.get(),
            day: done.check_in.day.to_string(),
            next_at: done.check_in.next_at.to_string(),
        }
    }
}

impl From<CheckInState> for CheckInStateView {
    fn from(state: CheckInState) -> Self {
        let calendar = state.month.iter();
        Self {
            enabled: state.enabled,
            day: state.standing.day.to_string(),
            checked_in_today: state.standing.checked_in_today,
            streak: state.standing.streak,
            next_reward: state.standing.next_reward.get(),
            next_at: state.standing.next_at.to_string(),
            calendar: calendar
                .map(|done| CalendarDay { day: done.day.to_string(), credits: done.credits.get() })
                .collect(),
        }
    }
}

impl From<CheckInConfigBody> for CheckInConfig {
    fn from(body: CheckInConfigBody) -> Self {
        let bonuses = body.streak_bonuses.into_iter();
        Self {
            enabled: body.enabled,
            daily_credits: Credits::new(body.daily_credits.0),
            streak_bonuses: bonuses
                .map(|bonus| StreakBonus { day: bonus.day, credits: bonus.credits })
                .collect(),
            timezone: body.timezone.unwrap_or_else(|| "UTC".to_owned()),
            use_account_timezone: body.use_account_timezone,
            expires_after_days: body.expires_after_days,
            version: 0,
        }
    }
}

impl From<CheckInConfig> for CheckInConfigView {
    fn from(config: CheckInConfig) -> Self {
        let bonuses = config.streak_bonuses.into_iter();
        Self {
            enabled: config.enabled,
            daily_credits: config.daily_credits.get(),
            streak_bonuses: bonuses
                .map(|bonus| StreakBonusBody { day: bonus.day, credits: bonus.credits })
                .collect(),
            timezone: config.timezone,
            use_account_timezone: config.use_account_timezone,
            expires_after_days: config.expires_after_days,
        }
    }
}
