//! Failures of adapters. Business refusals are values, not errors.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::ledger::Refusal;
use crate::values::AccountId;

/// A failed operation of the store.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// No connection or turn was available in time, or conflicts persisted. Nothing was written; safe to retry.
    #[error("the database is busy")]
    Busy,
    /// Lock wait timed out: another transaction holds rows of `accounts`. Nothing was written; safe to retry.
    #[error("lock wait timed out; nothing was written, try again shortly")]
    LockTimeout {
        /// The accounts with locked rows; empty if the store does not know.
        accounts: BTreeSet<AccountId>,
    },
    /// The database is out of space. Nothing was written; safe to retry once there is space.
    #[error("the database's storage is full; nothing was written, try again later with the same key")]
    StorageFull(#[source] Arc<dyn std::error::Error + Send + Sync>),
    /// The database accepts no writes: a read-only file, a standby, a read-only server. Nothing was written; safe to
    /// retry.
    #[error("the database is read-only at present; nothing was written, try again later with the same key")]
    ReadOnly(#[source] Arc<dyn std::error::Error + Send + Sync>),
    /// The queue is full. Nothing was written; retry after a moment.
    #[error("the queue is full; nothing was written, try again shortly")]
    Overloaded,
    /// The database cannot be reached. Nothing was written; safe to retry.
    #[error("the database cannot be reached")]
    Unavailable(#[source] Arc<dyn std::error::Error + Send + Sync>),
    /// The answer to a commit was lost: the outcome is unknown. Retry with the same key.
    #[error("the outcome is unknown: try again with the same key")]
    OutcomeUnknown(#[source] Arc<dyn std::error::Error + Send + Sync>),
    /// The copies of checkpoints outside of the database cannot be read or written. Nothing was written; safe to
    /// retry.
    #[error("the copies of checkpoints cannot be used: {0}")]
    CheckpointCopies(String),
    /// A stored value is invalid. A retry will not help.
    #[error("a stored value is not readable: {0}")]
    Corrupt(String),
    /// An unexpected database error. Nothing was written.
    #[error("the database refused")]
    Unexpected(#[source] Arc<dyn std::error::Error + Send + Sync>),
}

/// A commit failed; nothing of it was written.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CommitError {
    /// A row has changed since it was read, or a unique value exists already. Read again.
    #[error("a concurrent change was committed first")]
    Conflict,
    /// The event of the receipt is processed already.
    #[error("the event is processed already")]
    AlreadyHandled,
    /// The ledger refused one of the postings.
    #[error("the ledger refused")]
    Refused(#[source] Refusal),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A failed call to a payment provider.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    /// The provider does not support this operation.
    #[error("this provider cannot {0}")]
    Unsupported(&'static str),
    /// The provider refused permanently. Nothing was done.
    #[error("the provider refused: {message}")]
    Refused {
        /// The provider's error code, if any.
        code: Option<String>,
        /// The provider's message.
        message: String,
        /// The provider's request id, for its support.
        request_id: Option<String>,
    },
    /// The provider does not know the customer: it was deleted there, or belongs to another environment. Nothing was
    /// done.
    #[error("the provider does not know this customer: {message}")]
    UnknownCustomer {
        /// The provider's message.
        message: String,
        /// The provider's request id, for its support.
        request_id: Option<String>,
    },
    /// Our key or secret was rejected. An operator has to act.
    #[error("the provider does not accept our credentials")]
    Unauthorized {
        /// The provider's request id, for its support.
        request_id: Option<String>,
    },
    /// No usable response arrived: the outcome is unknown. Retry with the same key.
    #[error("the provider gave no usable answer: {message}")]
    Unknown {
        /// What arrived instead.
        message: String,
        /// The provider's request id, for its support.
        request_id: Option<String>,
    },
}

impl ProviderError {
    /// Whether the provider refused permanently: nothing was done, and the same call will be refused again.
    pub const fn is_refusal(&self) -> bool {
        matches!(self, Self::Refused { .. } | Self::UnknownCustomer { .. })
    }

    /// The provider's request id, for the log.
    pub fn request_id(&self) -> Option<&str> {
        match self {
            Self::Unsupported(_) => None,
            Self::Refused { request_id, .. }
            | Self::UnknownCustomer { request_id, .. }
            | Self::Unauthorized { request_id }
            | Self::Unknown { request_id, .. } => request_id.as_deref(),
        }
    }
}
