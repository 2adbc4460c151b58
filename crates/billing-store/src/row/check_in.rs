//! Rows of check-ins and their configuration.

use billing_core::checkin::{CheckIn, CheckInConfig};
use billing_core::ports::StoreError;
use billing_core::values::{AccountId, CheckInId, Credits, RequestKey};

use super::read::{Reader, at, to_json};
use crate::entity::{checkin_config, checkins};

/// The only row, of `config`, at the next version.
pub(crate) fn config_model(config: &CheckInConfig) -> checkin_config::Model {
    checkin_config::Model {
        id: 1,
        enabled: config.enabled,
        daily_credits: config.daily_credits.get(),
        streak_bonuses: to_json(&config.streak_bonuses),
        timezone: config.timezone.clone(),
        use_account_timezone: config.use_account_timezone,
        expires_after_days: config.expires_after_days.map(i64::from),
        version: config.version.saturating_add(1),
    }
}

pub(crate) fn read_config(row: checkin_config::Model) -> Result<CheckInConfig, StoreError> {
    let read = Reader::new("checkin_config", row.id);
    Ok(CheckInConfig {
        enabled: row.enabled,
        daily_credits: Credits::new(row.daily_credits),
        streak_bonuses: read.json("streak_bonuses", &row.streak_bonuses)?,
        timezone: row.timezone,
        use_account_timezone: row.use_account_timezone,
        expires_after_days: row
            .expires_after_days
            .map(|days| read.small("expires_after_days", days))
            .transpose()?,
        version: row.version,
    })
}

/// The row of `check_in`.
pub(crate) fn check_in_model(check_in: &CheckIn) -> checkins::Model {
    checkins::Model {
        account_id: check_in.account.uuid(),
        day: check_in.day.to_string(),
        id: check_in.id.uuid(),
        streak: i64::from(check_in.streak),
        credits: check_in.credits.get(),
        at: check_in.at.micros(),
        next_at: check_in.next_at.micros(),
        request_key: check_in.request_key.as_ref().map(|key| key.as_str().to_owned()),
    }
}

pub(crate) fn read_check_in(row: &checkins::Model) -> Result<CheckIn, StoreError> {
    let read = Reader::new("checkins", row.id);
    let key = row.request_key.as_deref().map(RequestKey::parse).transpose();
    Ok(CheckIn {
        id: CheckInId::from_uuid(row.id),
        account: AccountId::from_uuid(row.account_id),
        day: read.parse("day", &row.day)?,
        streak: read.small("streak", row.streak)?,
        credits: Credits::new(row.credits),
        at: at(row.at),
        next_at: at(row.next_at),
        request_key: key.map_err(|problem| read.corrupt("request_key", problem))?,
    })
}
