//! What can be asked of the ledger.

use super::{EntryType, Origin, Source};
use crate::values::{BusinessKey, Credits, Metadata, Timestamp};

/// One thing to do to an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Give credits.
    Grant(GrantCredits),
    /// Take credits, all or nothing.
    Spend(SpendCredits),
}

/// Credits to give.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantCredits {
    /// How many: 1 to 2^53 − 1.
    pub amount: Credits,
    /// What brings them.
    pub source: Source,
    /// Which grants burn first: 0 before 1.
    pub priority: i16,
    /// From when on they count; at once when none is named or it has passed.
    pub effective_at: Option<Timestamp>,
    /// When they are gone.
    pub expires_at: Option<Timestamp>,
    /// The business fact behind them.
    pub business_key: BusinessKey,
    /// What they come from.
    pub origin: Origin,
    /// The type of the entry that counts them: a grant or an adjustment.
    pub kind: EntryType,
    /// In a customer's words, why.
    pub description: String,
    /// The caller's own notes.
    pub metadata: Metadata,
}

/// Credits to take: all of them or, where they do not suffice, none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpendCredits {
    /// How many: 1 to 2^53 − 1.
    pub amount: Credits,
    /// A spend in the caller's word, or an adjustment.
    pub kind: EntryType,
    /// In a customer's words, what for.
    pub description: String,
    /// The caller's own notes.
    pub metadata: Metadata,
}
