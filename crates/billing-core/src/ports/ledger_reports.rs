//! What people are shown of the ledger.

use async_trait::async_trait;

use super::StoreError;
use crate::ledger::{EntryRecord, Grant, Hold, PastBalance, UsageBy, UsageSum};
use crate::values::{AccountId, BusinessKey, Credits, EntryId, Page, PageRequest, Timestamp};

/// Which holds are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HoldFilter {
    /// All that there ever were.
    All,
    /// Those that set something aside at this moment, which is now.
    Open(Timestamp),
}

/// What people are shown of the ledger, as it was last written. Whoever wants it as it is now first posts what
/// time has done ([`Posting::of_time`](crate::ledger::Posting::of_time)).
///
/// Nothing here gets slower with what an account has behind it, apart from what is asked for: a place in time is
/// found by halving, since no entry takes effect before the one ahead of it.
#[async_trait]
pub trait LedgerReports: Send + Sync {
    /// One account's holds, newest first by id. Cursors are
    /// [`Cursor::of_hold`](crate::values::Cursor::of_hold).
    ///
    /// # Errors
    ///
    /// [`StoreError::Corrupt`] if the cursor is not one of these; callers check it before they ask.
    async fn holds(
        &self,
        account: AccountId,
        filter: HoldFilter,
        page: &PageRequest,
    ) -> Result<Page<Hold>, StoreError>;

    /// One account's grants, live and spent, newest first by id. Cursors are
    /// [`Cursor::of_grant`](crate::values::Cursor::of_grant).
    ///
    /// # Errors
    ///
    /// As [`holds`](Self::holds).
    async fn grants(&self, account: AccountId, page: &PageRequest) -> Result<Page<Grant>, StoreError>;

    /// The grants of these business facts, of whichever account, in no particular order.
    async fn grants_by_fact(&self, facts: &[BusinessKey]) -> Result<Vec<Grant>, StoreError>;

    /// The account's entry with this id and everything around it, of one moment.
    async fn entry_record(&self, account: AccountId, id: EntryId) -> Result<Option<EntryRecord>, StoreError>;

    /// What was spent by entries that took effect at or after `from` and before `to`, and what was given back
    /// then, summed up and in the order of what it is summed up by. What was given back counts as the kind of
    /// the spend that it gives back, on the day on which it was given back.
    async fn usage(
        &self,
        account: AccountId,
        by: UsageBy,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<UsageSum>, StoreError>;

    /// The credits that were spent by entries that took effect at or after `from` and before `to`, less what was given
    /// back then: what [`usage`](Self::usage) sums up to. It reads the ledger's own entries of the span, and none of the
    /// spends.
    async fn net_usage(
        &self,
        account: AccountId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Credits, StoreError>;

    /// What the account's entries and holds came to at the end of the moment `at`, which must not lie after the
    /// last thing that was written.
    async fn past_balance(&self, account: AccountId, at: Timestamp) -> Result<PastBalance, StoreError>;
}
