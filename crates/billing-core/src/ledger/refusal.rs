//! Refusals of the ledger.

use super::{HoldState, Stage};
use crate::values::{
    AccountId, BusinessKey, Credits, CreditsOutOfRange, EntryId, GrantId, HoldId, Timestamp, UsageId,
};

/// A refusal is an outcome, not a failure: it writes nothing, leaves the key unused, and does not affect its
/// neighbours in the batch.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The available balance is too low.
    #[error("{required} credits are required, {available} are available")]
    InsufficientCredits {
        /// The requested amount.
        required: Credits,
        /// The available balance.
        available: Credits,
        /// The credits reserved by holds, which cannot be spent.
        held: Credits,
    },
    /// The key was used by a different request.
    #[error("this idempotency key was used before for another request")]
    KeyReused,
    /// The business key has granted before, in another posting.
    #[error("credits were granted before for `{}`", business_key.as_str())]
    AlreadyGranted {
        /// The business key.
        business_key: BusinessKey,
    },
    /// No account has this id.
    #[error("there is no account {account}")]
    UnknownAccount {
        /// The id.
        account: AccountId,
    },
    /// The amount is not 1 to 2^53 − 1.
    #[error("an amount of {amount} cannot be moved: amounts go from 1 to {max}", max = Credits::MAX_AMOUNT)]
    InvalidAmount {
        /// The requested amount.
        amount: Credits,
    },
    /// The grant would end before it starts.
    #[error("the expiry {expires_at} is too early: it must lie after now and after the credits take effect")]
    ExpiresTooEarly {
        /// Its end.
        expires_at: Timestamp,
    },
    /// An audit found a violation: postings are refused until an operator has resolved it.
    #[error("the account is frozen until an operator has looked at it")]
    AccountFrozen,
    /// The account cannot have credits.
    #[error("the account does not use credits")]
    CreditsDisabled,
    /// The account has no such hold.
    #[error("there is no hold {hold}")]
    UnknownHold {
        /// The id.
        hold: HoldId,
    },
    /// The hold was settled or released before.
    #[error("the hold {hold} was {state} before")]
    HoldClosed {
        /// The hold.
        hold: HoldId,
        /// Its state.
        state: HoldState,
    },
    /// The hold lapsed before.
    #[error("the hold {hold} lapsed at {expired_at}")]
    HoldExpired {
        /// The hold.
        hold: HoldId,
        /// When it lapsed.
        expired_at: Timestamp,
    },
    /// The usage that the hold was placed for has been spent.
    #[error("the hold {hold} lapsed and was settled since: what it was placed for has been spent")]
    HoldSettled {
        /// The hold.
        hold: HoldId,
    },
    /// The new amount of the hold would be less than its current one.
    #[error("the hold {hold} reserves {amount} credits, and can only be raised")]
    HoldShrinks {
        /// The hold.
        hold: HoldId,
        /// Its current amount.
        amount: Credits,
    },
    /// The usage exceeds the limits of pricing.
    #[error("this usage of the meter `{meter}` cannot be priced: {problem}")]
    UsageOutOfRange {
        /// The meter.
        meter: String,
        /// The problem.
        problem: String,
    },
    /// The account has no such usage.
    #[error("there is no usage {usage}")]
    UnknownUsage {
        /// The id.
        usage: UsageId,
    },
    /// The account has no such entry.
    #[error("there is no transaction {entry}")]
    UnknownEntry {
        /// The id.
        entry: EntryId,
    },
    /// The entry cannot be reversed.
    #[error("a transaction of type {kind} cannot be reversed: only spends can")]
    NotReversible {
        /// Its type.
        kind: String,
    },
    /// Less of the spend is left to reverse than requested.
    #[error("{required} credits cannot be reversed: {left} of the transaction are left")]
    ReversedBefore {
        /// The requested amount; at least 1.
        required: Credits,
        /// The reversible rest.
        left: Credits,
    },
    /// The account has no such grant.
    #[error("there is no grant {grant}")]
    UnknownGrant {
        /// The id.
        grant: GrantId,
    },
    /// The grant has ended.
    #[error("the grant {grant} is over: it is {stage} with {remaining} credits left")]
    GrantOver {
        /// The grant.
        grant: GrantId,
        /// Its stage.
        stage: Stage,
        /// The credits left of it.
        remaining: Credits,
    },
    /// The rollover would end before it starts.
    #[error("the end of the rollover, {until}, must lie after the end of the credits")]
    RolloverTooEarly {
        /// The end of the rollover.
        until: Timestamp,
    },
    /// The time of the usage is in the future.
    #[error("usage cannot have happened at {occurred_at}, which is later than now")]
    NotYetHappened {
        /// The reported time.
        occurred_at: Timestamp,
    },
    /// A balance would exceed 64 bits.
    #[error("the balance would become too large")]
    BalanceOutOfRange,
    /// A posting without a command, or with an invalid one.
    #[error("a posting needs at least one command")]
    Empty,
}

impl Refusal {
    /// The stable error code of the API.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::InsufficientCredits { .. } => "insufficient_credits",
            Self::KeyReused => "idempotency_key_reused",
            Self::AlreadyGranted { .. } => "already_granted",
            Self::UnknownAccount { .. } => "account_not_found",
            Self::InvalidAmount { .. } | Self::HoldShrinks { .. } => "invalid_amount",
            Self::ExpiresTooEarly { .. } => "invalid_expiry",
            Self::AccountFrozen => "account_frozen",
            Self::CreditsDisabled => "credits_disabled",
            Self::UnknownHold { .. } => "hold_not_found",
            Self::HoldClosed { .. } => "hold_closed",
            Self::HoldExpired { .. } => "hold_expired",
            Self::HoldSettled { .. } => "hold_settled",
            Self::UsageOutOfRange { .. } => "price_too_large",
            Self::UnknownUsage { .. } => "usage_not_found",
            Self::UnknownEntry { .. } => "transaction_not_found",
            Self::NotReversible { .. } => "not_reversible",
            Self::ReversedBefore { .. } => "already_reversed",
            Self::UnknownGrant { .. } => "grant_not_found",
            Self::GrantOver { .. } => "grant_over",
            Self::RolloverTooEarly { .. } => "invalid_rollover",
            Self::NotYetHappened { .. } => "invalid_occurred_at",
            Self::BalanceOutOfRange => "balance_out_of_range",
            Self::Empty => "empty_posting",
        }
    }
}

impl From<CreditsOutOfRange> for Refusal {
    fn from(_: CreditsOutOfRange) -> Self {
        Self::BalanceOutOfRange
    }
}
