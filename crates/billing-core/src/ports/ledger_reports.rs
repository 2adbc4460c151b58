//! What people are shown of the ledger.

use async_trait::async_trait;

use super::StoreError;
use crate::ledger::{Capture, EntryRecord, Grant, Hold, PastBalance, UsageBy, UsageRecord, UsageSum};
use crate::values::{AccountId, BusinessKey, Credits, EntryId, HoldId, Page, PageRequest, Timestamp, Zone};

/// Which holds are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HoldFilter {
    /// All that there ever were.
    All,
    /// Those that set something aside at this moment, which is now.
    Open(Timestamp),
}

/// Which usage is summed up, and by what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageQuery {
    /// By what.
    pub by: UsageBy,
    /// Usage that happened at or after this.
    pub from: Timestamp,
    /// Usage that happened before this.
    pub to: Timestamp,
    /// In which zone days begin.
    pub zone: Zone,
    /// Of this meter alone.
    pub meter: Option<String>,
}

/// Which usage is listed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UsageFilter {
    /// That happened at or after this.
    pub from: Option<Timestamp>,
    /// That happened before this.
    pub to: Option<Timestamp>,
    /// Of this meter.
    pub meter: Option<String>,
}

/// What people are shown of the ledger, as it was last written. Whoever wants it as it is now first posts what
/// time has done ([`Posting::of_time`](crate::ledger::Posting::of_time)).
///
/// Nothing here gets slower with what an account has behind it, apart from what is asked for: a place in time is
/// found by halving, since no entry takes effect before the one ahead of it.
#[async_trait]
pub trait LedgerReports: Send + Sync {
    /// One account's holds, newest first by id. Cursors are
    /// [`Cursor::of_id`](crate::values::Cursor::of_id).
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
    /// [`Cursor::of_id`](crate::values::Cursor::of_id).
    ///
    /// # Errors
    ///
    /// As [`holds`](Self::holds).
    async fn grants(&self, account: AccountId, page: &PageRequest) -> Result<Page<Grant>, StoreError>;

    /// The grants of these business keys, of whichever account, in no particular order.
    async fn grants_by_key(&self, facts: &[BusinessKey]) -> Result<Vec<Grant>, StoreError>;

    /// The account's entry with this id and everything around it, of one moment.
    async fn entry_record(&self, account: AccountId, id: EntryId) -> Result<Option<EntryRecord>, StoreError>;

    /// What was used and spent, and what was given back, summed up and in the order of what it is summed up by. Usage
    /// that was reported late counts when it happened. What was given back counts as the kind of the spend that it gives
    /// back, on the day on which it was given back.
    async fn usage(&self, account: AccountId, query: &UsageQuery) -> Result<Vec<UsageSum>, StoreError>;

    /// One account's usage, what gave it back included, the latest first by when it happened; each with the entry that
    /// took its credits or gave them back, if there is one. Cursors are
    /// [`Cursor::of_moment`](crate::values::Cursor::of_moment), with the usage's number.
    ///
    /// # Errors
    ///
    /// [`StoreError::Corrupt`] if the cursor is not one of these; callers check it before they ask.
    async fn usages(
        &self,
        account: AccountId,
        filter: &UsageFilter,
        page: &PageRequest,
    ) -> Result<Page<(UsageRecord, Option<EntryId>)>, StoreError>;

    /// What was captured from one of the account's holds, newest first. Cursors are
    /// [`Cursor::of_pair`](crate::values::Cursor::of_pair): the numbers of the last entry and of the last usage without
    /// an entry that were shown.
    ///
    /// # Errors
    ///
    /// [`StoreError::Corrupt`] if the cursor is not one of these; callers check it before they ask.
    async fn captures(
        &self,
        account: AccountId,
        hold: HoldId,
        page: &PageRequest,
    ) -> Result<Page<Capture>, StoreError>;

    /// The credits that were spent by entries that took effect at or after `from` and before `to`, less what was given
    /// back then: as [`usage`](Self::usage) sums up, but by when it was reported. It reads the ledger's own entries of
    /// the span, and none of the spends.
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
