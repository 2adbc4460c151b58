//! The check-in configuration.

use serde::{Deserialize, Serialize};

use crate::catalog::CatalogRefusal;
use crate::values::{Credits, Zone};

/// The check-in configuration of all accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckInConfig {
    /// Whether check-in is enabled.
    pub enabled: bool,
    /// The credits of each day.
    pub daily_credits: Credits,
    /// The bonus credits of certain days of a streak.
    pub streak_bonuses: Vec<StreakBonus>,
    /// The IANA time zone of days.
    pub timezone: String,
    /// Whether an account's own time zone takes precedence.
    pub use_account_timezone: bool,
    /// The days after the check-in at which its credits expire; never if none.
    pub expires_after_days: Option<u32>,
    /// The row's version; 0 while it is the default.
    pub version: i64,
}

/// Bonus credits for reaching a day of a streak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StreakBonus {
    /// The day of the streak, from 1.
    pub day: u32,
    /// The credits.
    pub credits: i64,
}

impl Default for CheckInConfig {
    /// Enabled, 10 credits a day, days in UTC.
    fn default() -> Self {
        Self {
            enabled: true,
            daily_credits: Credits::new(10),
            streak_bonuses: Vec::new(),
            timezone: "UTC".to_owned(),
            use_account_timezone: false,
            expires_after_days: None,
            version: 0,
        }
    }
}

impl CheckInConfig {
    /// The time zone of an account's days. An unknown zone falls back to the configured one, and that to UTC; both are
    /// validated when they are set.
    pub fn zone(&self, account_timezone: Option<&str>) -> Zone {
        let own = account_timezone.filter(|_| self.use_account_timezone);
        own.and_then(|name| name.parse().ok()).or_else(|| self.timezone.parse().ok()).unwrap_or(Zone::UTC)
    }

    /// Validates the configuration.
    ///
    /// # Errors
    ///
    /// [`CatalogRefusal::Invalid`] names the first invalid field.
    pub fn check(&self) -> Result<(), CatalogRefusal> {
        const AMOUNT: &str = "must be a whole number from 1 to 1000000000";
        let fair = |credits: i64| (1..=1_000_000_000).contains(&credits);
        if !fair(self.daily_credits.get()) {
            return Err(CatalogRefusal::invalid("daily_credits", AMOUNT));
        }
        if self.timezone.parse::<Zone>().is_err() {
            return Err(CatalogRefusal::invalid("timezone", "is not a time zone such as Europe/Berlin"));
        }
        if self.streak_bonuses.len() > 100 {
            return Err(CatalogRefusal::invalid("streak_bonuses", "takes at most 100"));
        }
        let mut days = std::collections::BTreeSet::new();
        for bonus in &self.streak_bonuses {
            if bonus.day == 0 || !days.insert(bonus.day) {
                return Err(CatalogRefusal::invalid("streak_bonuses", "takes each day once, from 1"));
            }
            if !fair(bonus.credits) {
                return Err(CatalogRefusal::invalid("streak_bonuses", AMOUNT));
            }
        }
        if self.expires_after_days.is_some_and(|days| !(1..=36_500).contains(&days)) {
            return Err(CatalogRefusal::invalid("expires_after_days", "goes from 1 to 36500"));
        }
        Ok(())
    }
}
