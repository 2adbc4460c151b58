//! How the outside fails. Refusals of the business are not here: they are values.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::ledger::Refusal;
use crate::values::AccountId;

/// The store did not do it.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// No connection or no turn was to be had in time, or conflicts did not cease. Nothing was written; safe to
    /// retry.
    #[error("the database is busy")]
    Busy,
    /// Lock wait timed out: another transaction holds rows of `accounts`. Nothing was written; safe to retry.
    #[error("lock wait timed out; nothing was written, try again shortly")]
    LockTimeout {
        /// Whose rows are locked; empty where the store cannot tell.
        accounts: BTreeSet<AccountId>,
    },
    /// The database has no room left. Nothing was written; safe to retry once there is room.
    #[error("the database's storage is full; nothing was written, try again later with the same key")]
    StorageFull(#[source] Arc<dyn std::error::Error + Send + Sync>),
    /// The database takes no writes at present: a read-only file, a standby, a server set to read-only. Nothing was
    /// written; safe to retry.
    #[error("the database is read-only at present; nothing was written, try again later with the same key")]
    ReadOnly(#[source] Arc<dyn std::error::Error + Send + Sync>),
    /// More is waiting already than may wait. Nothing was done; try again in a moment.
    #[error("too much is waiting to be written")]
    Overloaded,
    /// The database cannot be reached. Nothing was done; may be tried again.
    #[error("the database cannot be reached")]
    Unavailable(#[source] Arc<dyn std::error::Error + Send + Sync>),
    /// The answer to a commit was lost: it was done, or it was not. Try again with the same key.
    #[error("the outcome is unknown: try again with the same key")]
    OutcomeUnknown(#[source] Arc<dyn std::error::Error + Send + Sync>),
    /// The copies of checkpoints outside the database cannot be read or written. Nothing was done; may be tried again.
    #[error("the copies of checkpoints cannot be used: {0}")]
    CheckpointCopies(String),
    /// A stored value is not what it has to be. Trying again will not help.
    #[error("a stored value is not readable: {0}")]
    Corrupt(String),
    /// The database refused in a way that nobody foresaw. Nothing was done.
    #[error("the database refused")]
    Unexpected(#[source] Arc<dyn std::error::Error + Send + Sync>),
}

/// A commit did not happen; nothing of it was written.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CommitError {
    /// Something that was read has changed since, or something unique is there already. Read again.
    #[error("something changed in the meantime")]
    Conflict,
    /// The event of the receipt was dealt with before.
    #[error("the event was dealt with before")]
    AlreadyHandled,
    /// The ledger refused one of the postings.
    #[error("the ledger refused")]
    Refused(#[source] Refusal),
    /// The store did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A payment provider did not do it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    /// The provider cannot do this at all.
    #[error("this provider cannot {0}")]
    Unsupported(&'static str),
    /// The provider said no, for good. Nothing was done.
    #[error("the provider refused: {message}")]
    Refused {
        /// The provider's code, where it gave one.
        code: Option<String>,
        /// The provider's message.
        message: String,
        /// The provider's id of the request, for its support.
        request_id: Option<String>,
    },
    /// The provider knows no such customer: it was deleted there, or belongs to another environment. Nothing was done.
    #[error("the provider does not know this customer: {message}")]
    UnknownCustomer {
        /// The provider's message.
        message: String,
        /// The provider's id of the request, for its support.
        request_id: Option<String>,
    },
    /// Our key or secret is not accepted. An operator has to act.
    #[error("the provider does not accept our credentials")]
    Unauthorized {
        /// The provider's id of the request, for its support.
        request_id: Option<String>,
    },
    /// No usable answer came: it was done, or it was not. Try again with the same key.
    #[error("the provider gave no usable answer: {message}")]
    Unknown {
        /// What came instead.
        message: String,
        /// The provider's id of the request, for its support.
        request_id: Option<String>,
    },
}

impl ProviderError {
    /// Whether the provider said no, for good: nothing was done, and the same call ends the same.
    pub const fn is_refusal(&self) -> bool {
        matches!(self, Self::Refused { .. } | Self::UnknownCustomer { .. })
    }

    /// The provider's id of the request, for the log.
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
