//! One day's check-in.

use crate::values::{AccountId, CheckInId, Credits, Day, RequestKey, Timestamp};

/// One day's check-in of one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckIn {
    /// Its id.
    pub id: CheckInId,
    /// Whose.
    pub account: AccountId,
    /// On which local day; an account has one a day.
    pub day: Day,
    /// The how manieth day in a row, from 1.
    pub streak: u32,
    /// What it brought, bonus included.
    pub credits: Credits,
    /// When.
    pub at: Timestamp,
    /// The start of the next local day, when one may check in again.
    pub next_at: Timestamp,
    /// The idempotency key of the request that did it, if it had one.
    pub request_key: Option<RequestKey>,
}

/// Why one cannot check in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckInRefusal {
    /// Check-in is switched off.
    #[error("check-in is switched off")]
    Disabled,
    /// The account is not provisioned for credits.
    #[error("this account does not use credits")]
    CreditsDisabled,
    /// Today's credits were given.
    #[error("already checked in today; the next check-in is possible at {next_at}")]
    AlreadyCheckedIn {
        /// When one may check in again.
        next_at: Timestamp,
    },
}

impl CheckInRefusal {
    /// The stable code that callers may rely on.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Disabled => "checkin_disabled",
            Self::CreditsDisabled => "credits_disabled",
            Self::AlreadyCheckedIn { .. } => "already_checked_in",
        }
    }
}
