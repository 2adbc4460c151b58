//! Why the ledger said no.

use super::{HoldState, Stage};
use crate::values::{
    AccountId, BusinessKey, Credits, CreditsOutOfRange, EntryId, GrantId, HoldId, Timestamp, UsageId,
};

/// A refusal is an answer, not a failure: it writes nothing, leaves the key free, and disturbs no neighbour
/// in the batch.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is not enough to spend.
    #[error("{required} credits are required, {available} are available")]
    InsufficientCredits {
        /// What was asked for.
        required: Credits,
        /// What can be spent now.
        available: Credits,
        /// What is set aside by holds and therefore cannot.
        held: Credits,
    },
    /// The same key came before with another request.
    #[error("this idempotency key was used before for another request")]
    KeyReused,
    /// The business fact has granted before, under another posting.
    #[error("credits were granted before for `{}`", business_key.as_str())]
    AlreadyGranted {
        /// Which fact.
        business_key: BusinessKey,
    },
    /// No account has this id.
    #[error("there is no account {account}")]
    UnknownAccount {
        /// Which one was asked for.
        account: AccountId,
    },
    /// The amount is not 1 to 2^53 − 1.
    #[error("an amount of {amount} cannot be moved: amounts go from 1 to {max}", max = Credits::MAX_AMOUNT)]
    InvalidAmount {
        /// What was asked for.
        amount: Credits,
    },
    /// The grant would be gone before it counts.
    #[error("the expiry {expires_at} is too early: it must lie after now and after the credits take effect")]
    ExpiresTooEarly {
        /// When they would be gone.
        expires_at: Timestamp,
    },
    /// An audit found something wrong with the account: nothing moves until an operator has looked.
    #[error("the account is frozen until an operator has looked at it")]
    AccountFrozen,
    /// The account is not provisioned for credits, so it has none to spend.
    #[error("the account does not use credits")]
    CreditsDisabled,
    /// The account has no such hold.
    #[error("there is no hold {hold}")]
    UnknownHold {
        /// Which one was asked for.
        hold: HoldId,
    },
    /// The hold was settled or let go before.
    #[error("the hold {hold} was {state} before")]
    HoldClosed {
        /// Which one.
        hold: HoldId,
        /// How it ended.
        state: HoldState,
    },
    /// The hold lapsed before.
    #[error("the hold {hold} lapsed at {expired_at}")]
    HoldExpired {
        /// Which one.
        hold: HoldId,
        /// When.
        expired_at: Timestamp,
    },
    /// What the hold was placed for has been spent.
    #[error("the hold {hold} lapsed and was settled since: what it was placed for has been spent")]
    HoldSettled {
        /// Which one.
        hold: HoldId,
    },
    /// The hold would set less aside than it does.
    #[error("the hold {hold} sets {amount} credits aside, and can only be raised")]
    HoldShrinks {
        /// Which one.
        hold: HoldId,
        /// How many it sets aside.
        amount: Credits,
    },
    /// More was used than can be priced.
    #[error("this usage of the meter `{meter}` cannot be priced: {problem}")]
    UsageOutOfRange {
        /// Which meter.
        meter: String,
        /// What is off.
        problem: String,
    },
    /// The account has no such usage.
    #[error("there is no usage {usage}")]
    UnknownUsage {
        /// Which one was asked for.
        usage: UsageId,
    },
    /// The account has no such entry.
    #[error("there is no transaction {entry}")]
    UnknownEntry {
        /// Which one was asked for.
        entry: EntryId,
    },
    /// The entry is none that can be given back.
    #[error("a transaction of type {kind} cannot be reversed: only spends can")]
    NotReversible {
        /// Its type.
        kind: String,
    },
    /// Less of the spend is left to give back than was asked for.
    #[error("{required} credits were to be given back, {left} of the transaction are left")]
    ReversedBefore {
        /// What was asked for; at least 1.
        required: Credits,
        /// What is left to give back.
        left: Credits,
    },
    /// The account has no such grant.
    #[error("there is no grant {grant}")]
    UnknownGrant {
        /// Which one was asked for.
        grant: GrantId,
    },
    /// The grant has ended.
    #[error("the grant {grant} is over: it is {stage} with {remaining} credits left")]
    GrantOver {
        /// Which one.
        grant: GrantId,
        /// Where it is in its life.
        stage: Stage,
        /// What is left of it.
        remaining: Credits,
    },
    /// What was rolled over would end before it begins.
    #[error("the credits would be rolled over at their end to a moment that is not after it: {until}")]
    RolloverTooEarly {
        /// When what was rolled over would end.
        until: Timestamp,
    },
    /// Usage cannot have happened later than now.
    #[error("usage cannot have happened at {occurred_at}, which is later than now")]
    NotYetHappened {
        /// When it is said to have happened.
        occurred_at: Timestamp,
    },
    /// A balance would leave the range of 64 bits.
    #[error("the balance would become too large")]
    BalanceOutOfRange,
    /// A posting without a command, or with a command that cannot stand in it.
    #[error("a posting needs at least one command")]
    Empty,
}

impl Refusal {
    /// The stable code that callers may rely on.
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
