//! Reports of the ledger for accounts and operators.

use async_trait::async_trait;

use super::StoreError;
use crate::ledger::{Capture, EntryRecord, Grant, Hold, PastBalance, UsageBy, UsageRecord, UsageSum};
use crate::values::{AccountId, BusinessKey, Credits, EntryId, HoldId, Page, PageRequest, Timestamp, Zone};

/// A filter of holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HoldFilter {
    /// All holds.
    All,
    /// Holds that are open at this time, which is now.
    Open(Timestamp),
}

/// A query for sums of usage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageQuery {
    /// The grouping.
    pub by: UsageBy,
    /// Usage at or after this time.
    pub from: Timestamp,
    /// Usage before this time.
    pub to: Timestamp,
    /// The time zone of days.
    pub zone: Zone,
    /// Only this meter.
    pub meter: Option<String>,
}

/// A filter of usage records.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UsageFilter {
    /// At or after this time.
    pub from: Option<Timestamp>,
    /// Before this time.
    pub to: Option<Timestamp>,
    /// Of this meter.
    pub meter: Option<String>,
}

/// Reports of the ledger, as last written. For the current state, due changes are posted first
/// ([`Posting::of_time`](crate::ledger::Posting::of_time)).
///
/// The cost does not depend on the length of an account's history outside of the requested span: a time is found by
/// binary search, since entries are ordered by effective time.
#[async_trait]
pub trait LedgerReports: Send + Sync {
    /// One account's holds, newest first by id. Cursors are
    /// [`Cursor::of_id`](crate::values::Cursor::of_id).
    ///
    /// # Errors
    ///
    /// [`StoreError::Corrupt`] if the cursor has another form; callers validate it first.
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

    /// The grants of these business keys, of any account, in no particular order.
    async fn grants_by_key(&self, facts: &[BusinessKey]) -> Result<Vec<Grant>, StoreError>;

    /// The account's entry with this id and its related rows, in one snapshot.
    async fn entry_record(&self, account: AccountId, id: EntryId) -> Result<Option<EntryRecord>, StoreError>;

    /// Usage, spends and reversals, summed up by the grouping and ordered by it. Usage that was reported late counts
    /// at its own time. A reversal counts as the kind of the spend that it reverses, on the day of the reversal.
    async fn usage(&self, account: AccountId, query: &UsageQuery) -> Result<Vec<UsageSum>, StoreError>;

    /// One account's usage records, including reversals, latest first by the time of the usage; each with the entry
    /// that took or returned its credits, if there is one. Cursors are
    /// [`Cursor::of_moment`](crate::values::Cursor::of_moment), with the usage's number.
    ///
    /// # Errors
    ///
    /// [`StoreError::Corrupt`] if the cursor has another form; callers validate it first.
    async fn usages(
        &self,
        account: AccountId,
        filter: &UsageFilter,
        page: &PageRequest,
    ) -> Result<Page<(UsageRecord, Option<EntryId>)>, StoreError>;

    /// The captures of one of the account's holds, newest first. Cursors are
    /// [`Cursor::of_pair`](crate::values::Cursor::of_pair): the numbers of the last entry and of the last usage
    /// without an entry on the page.
    ///
    /// # Errors
    ///
    /// [`StoreError::Corrupt`] if the cursor has another form; callers validate it first.
    async fn captures(
        &self,
        account: AccountId,
        hold: HoldId,
        page: &PageRequest,
    ) -> Result<Page<Capture>, StoreError>;

    /// The credits spent by entries effective at or after `from` and before `to`, less the reversals of that span: the
    /// same sum as [`usage`](Self::usage), but by the time of the report. It reads the ledger's own entries of the
    /// span, and none of the spends.
    async fn net_usage(
        &self,
        account: AccountId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Credits, StoreError>;

    /// The balance and holds of the account at the end of the moment `at`, which must not be later than the last
    /// write.
    async fn past_balance(&self, account: AccountId, at: Timestamp) -> Result<PastBalance, StoreError>;
}
