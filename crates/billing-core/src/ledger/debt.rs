//! What an account owes.

use crate::values::{AccountId, Credits, DebtId, GrantId, Timestamp};

/// Credits that an account came to owe, or that were repaid. The sum of all of an account's is its debt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DebtChange {
    /// Its id.
    pub id: DebtId,
    /// Whose.
    pub account: AccountId,
    /// The entry that it belongs to; where a grant repaid, the last one before.
    pub seq: i64,
    /// The grant that repaid; none where the entry itself owes or gives back.
    pub grant: Option<GrantId>,
    /// Credits that are owed from now on (positive) or no longer (negative).
    pub amount: Credits,
    /// When.
    pub at: Timestamp,
}
