//! Debts of an account.

use crate::values::{AccountId, Credits, DebtId, GrantId, Timestamp};

/// A debt or a repayment. An account's debt is the sum of all of its changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DebtChange {
    /// The id.
    pub id: DebtId,
    /// The account.
    pub account: AccountId,
    /// The entry that it belongs to; for a repayment by a grant, the last entry before.
    pub seq: i64,
    /// The grant that repaid; none for an entry's own debt or reversal.
    pub grant: Option<GrantId>,
    /// New debt (positive) or repaid debt (negative).
    pub amount: Credits,
    /// The time.
    pub at: Timestamp,
}
