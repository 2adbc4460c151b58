//! The write and read sides of the ledger.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use rust_decimal::Decimal;

use super::StoreError;
use crate::accounts::ExternalId;
use crate::catalog::MonthKey;
use crate::ledger::audit::{AuditProgress, AuditWalk, ChainPart, History, Violation};
use crate::ledger::{
    Checkpoint, CheckpointHead, CheckpointRecord, Entry, Grant, Hold, Outcome, Posting, UsageRecord,
};
use crate::values::{AccountId, EntryId, GrantId, HoldId, Page, PageRequest, Timestamp, UsageId};

/// The hot path: posts to the ledger.
#[async_trait]
pub trait LedgerStore: Send + Sync {
    /// Posts `batch` with [`fold`](crate::ledger::fold): locks the accounts in sorted order, loads the rows that the
    /// decisions need in a later statement, decides in memory, and writes everything in one transaction whose number
    /// of statements does not depend on the batch's size.
    ///
    /// There is one outcome per posting, in order, as if they had been posted one at a time. A refusal is an outcome
    /// and does not affect its neighbours.
    ///
    /// # Errors
    ///
    /// Nothing of the batch was written. With [`StoreError::OutcomeUnknown`] it is unknown for each posting (behind a
    /// port that splits a batch into several transactions, some may have been written and others not). Each posting is
    /// atomic and may be retried with its key.
    async fn post(&self, batch: Vec<Posting>, now: Timestamp) -> Result<Vec<Outcome>, StoreError>;
}

/// A filter of entries.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EntryFilter {
    /// Of this type.
    pub kind: Option<String>,
    /// Effective at or after this time.
    pub from: Option<Timestamp>,
    /// Effective before this time.
    pub to: Option<Timestamp>,
}

/// Reads of entries, grants, holds and usage.
#[async_trait]
pub trait LedgerReads: Send + Sync {
    /// One account's entries, newest first by number. The cost of a page does not depend on the length of the history.
    /// Cursors are [`Cursor::of_seq`](crate::values::Cursor::of_seq).
    ///
    /// # Errors
    ///
    /// [`StoreError::Corrupt`] if the cursor has another form; callers validate it first.
    async fn entries(
        &self,
        account: AccountId,
        filter: &EntryFilter,
        page: &PageRequest,
    ) -> Result<Page<Entry>, StoreError>;

    /// All accounts' entries, newest first by id, which is ordered by the time of writing; each with the account's
    /// external id. Cursors are [`Cursor::of_id`](crate::values::Cursor::of_id).
    ///
    /// A filter by time, or by the default type of spends, may have to skip many entries. A page may then hold fewer
    /// items than its limit, even none, although `next` continues.
    ///
    /// # Errors
    ///
    /// As [`entries`](Self::entries).
    async fn all_entries(
        &self,
        filter: &EntryFilter,
        page: &PageRequest,
    ) -> Result<Page<(ExternalId, Entry)>, StoreError>;

    /// Everything that is stored of one account, in one snapshot; for audits.
    async fn history(&self, account: AccountId) -> Result<Option<History>, StoreError>;

    /// The entry with this id, of any account.
    async fn entry(&self, id: EntryId) -> Result<Option<Entry>, StoreError>;

    /// The grant with this id, of any account, as last written.
    async fn grant(&self, id: GrantId) -> Result<Option<Grant>, StoreError>;

    /// The hold with this id, of any account, as last written.
    async fn hold(&self, id: HoldId) -> Result<Option<Hold>, StoreError>;

    /// The usage with this id, of any account.
    async fn usage_record(&self, id: UsageId) -> Result<Option<UsageRecord>, StoreError>;

    /// The account's monthly units under `keys`; a missing key means 0.
    async fn month_units(
        &self,
        account: AccountId,
        keys: &BTreeSet<MonthKey>,
    ) -> Result<BTreeMap<MonthKey, Decimal>, StoreError>;
}

/// The result of an audit of one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audited {
    /// How many entries were read.
    pub entries: u64,
    /// How many of them have erased text.
    pub erased: u64,
    /// The violated invariants.
    pub violations: Vec<Violation>,
    /// The position from which the next audit may continue.
    pub mark: AuditProgress,
}

/// An account to audit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditTarget {
    /// Which account.
    pub account: AccountId,
    /// How many entries and usages it has.
    pub rows: u64,
}

/// The accounts to audit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditScope {
    /// All of them.
    All,
    /// Accounts that were written to since their last successful audit.
    Changed,
}

/// Audits of stored data.
#[async_trait]
pub trait LedgerAudit: Send + Sync {
    /// Audits accounts with core's [`Auditor`](crate::ledger::audit::Auditor), in one snapshot: with `whole` from the
    /// first entry on, otherwise each from its last position on, reading only rows that can have changed since.
    /// `accounts` are ordered by id, and the database reads everything between the first and the last; unknown ones
    /// are skipped. An account's grants and debts are in memory at once, its entries are not.
    async fn audit(&self, accounts: &[AccountId], whole: bool) -> Result<Vec<Audited>, StoreError>;

    /// Refuses every posting to the account from now on, even if its data cannot be read.
    async fn freeze(&self, account: AccountId) -> Result<(), StoreError>;

    /// The frozen ones among `accounts`.
    async fn frozen(&self, accounts: &[AccountId]) -> Result<BTreeSet<AccountId>, StoreError>;

    /// Those of `accounts` without a ledger.
    async fn without_ledger(&self, accounts: &[AccountId]) -> Result<BTreeSet<AccountId>, StoreError>;

    /// Up to `limit` accounts of `scope`, by id, after `after`.
    async fn accounts_to_audit(
        &self,
        scope: AuditScope,
        after: Option<AccountId>,
        limit: u32,
    ) -> Result<Vec<AuditTarget>, StoreError>;

    /// The number of accounts.
    async fn count_accounts(&self) -> Result<u64, StoreError>;

    /// Up to `limit` of the account's entries after number `after`, with everything that their hashes cover.
    async fn chain(&self, account: AccountId, after: i64, limit: u32) -> Result<ChainPart, StoreError>;

    /// The position of the audit of the whole history; none before the first.
    async fn audit_walk(&self) -> Result<Option<AuditWalk>, StoreError>;

    /// Stores the position of the audit of the whole history.
    async fn keep_audit_walk(&self, walk: AuditWalk) -> Result<(), StoreError>;

    /// Stores the positions from which audits of these accounts may continue. Accounts that were written to since
    /// their audit stay [`Changed`](AuditScope::Changed).
    async fn keep_progress(&self, marks: Vec<AuditProgress>) -> Result<(), StoreError>;
}

/// Checkpoints of the ledger.
#[async_trait]
pub trait Checkpoints: Send + Sync {
    /// The last checkpoint.
    async fn last_checkpoint(&self) -> Result<Option<Checkpoint>, StoreError>;

    /// Up to `limit` heads of accounts that changed since a checkpoint last covered them, by account.
    async fn uncovered_heads(&self, limit: u32) -> Result<Vec<CheckpointHead>, StoreError>;

    /// Stores a checkpoint and its heads. Returns false, and stores nothing, if its number is taken.
    async fn keep_checkpoint(&self, record: CheckpointRecord) -> Result<bool, StoreError>;

    /// Up to `limit` checkpoints with numbers after `number`, by number, each with its heads.
    async fn checkpoints(&self, number: i64, limit: u32) -> Result<Vec<CheckpointRecord>, StoreError>;

    /// The stored heads of a checkpoint, even if the checkpoint itself is missing.
    async fn checkpoint_heads(&self, number: i64) -> Result<Vec<CheckpointHead>, StoreError>;

    /// The last checkpoint that covers `account`, with all of its heads, in their order.
    async fn latest_checkpoint_of(
        &self,
        account: AccountId,
    ) -> Result<Option<(Checkpoint, Vec<CheckpointHead>)>, StoreError>;
}
