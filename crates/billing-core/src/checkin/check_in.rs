//! One day's check-in.

use crate::values::{AccountId, CheckInId, Credits, Day, RequestKey, Timestamp};

/// One day's check-in of one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckIn {
    /// The id.
    pub id: CheckInId,
    /// The owner.
    pub account: AccountId,
    /// The local day; an account has one check-in per day.
    pub day: Day,
    /// The position in the streak, from 1.
    pub streak: u32,
    /// The credits, bonus included.
    pub credits: Credits,
    /// The time.
    pub at: Timestamp,
    /// The start of the next local day, when the next check-in is possible.
    pub next_at: Timestamp,
    /// The idempotency key of its request, if any.
    pub request_key: Option<RequestKey>,
}

/// Why a check-in is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckInRefusal {
    /// Check-in is disabled.
    #[error("check-in is switched off")]
    Disabled,
    /// The account cannot have credits.
    #[error("this account does not use credits")]
    CreditsDisabled,
    /// Today's credits were granted.
    #[error("already checked in today; the next check-in is possible at {next_at}")]
    AlreadyCheckedIn {
        /// When the next check-in is possible.
        next_at: Timestamp,
    },
}

impl CheckInRefusal {
    /// The stable error code of the API.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Disabled => "checkin_disabled",
            Self::CreditsDisabled => "credits_disabled",
            Self::AlreadyCheckedIn { .. } => "already_checked_in",
        }
    }
}
