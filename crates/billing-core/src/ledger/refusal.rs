//! Why the ledger said no.

use crate::values::{AccountId, BusinessKey, Credits, CreditsOutOfRange, Timestamp};

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
    #[error("the credits would expire at {expires_at}, which is not after they take effect")]
    ExpiresTooEarly {
        /// When they would be gone.
        expires_at: Timestamp,
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
            Self::InvalidAmount { .. } => "invalid_amount",
            Self::ExpiresTooEarly { .. } => "invalid_expiry",
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
