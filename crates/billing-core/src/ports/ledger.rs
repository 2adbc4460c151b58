//! The ledger's two sides.

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

/// Where postings are carried out: the hot path.
#[async_trait]
pub trait LedgerStore: Send + Sync {
    /// Carries out `batch` with [`fold`](crate::ledger::fold): locks the accounts in sorted order, loads
    /// what the decisions need in a later statement, decides in memory, and writes all of it in one
    /// transaction whose number of statements does not depend on the batch's size.
    ///
    /// There is one outcome per posting, in order, as if they had come one at a time. A refusal is an
    /// outcome, and its neighbours are carried out all the same.
    ///
    /// # Errors
    ///
    /// Nothing of the batch was written; with [`StoreError::OutcomeUnknown`], nobody knows of any of its
    /// postings whether it was (behind a port that spreads a batch over several transactions, some may have
    /// been and others not). Each was carried out whole or not at all, and may be tried again with its key.
    async fn post(&self, batch: Vec<Posting>, now: Timestamp) -> Result<Vec<Outcome>, StoreError>;
}

/// Which entries are wanted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EntryFilter {
    /// Of this type.
    pub kind: Option<String>,
    /// That took effect at or after this.
    pub from: Option<Timestamp>,
    /// That took effect before this.
    pub to: Option<Timestamp>,
}

/// What was carried out, in lists and one by one.
#[async_trait]
pub trait LedgerReads: Send + Sync {
    /// One account's entries, newest first by number. A page does not slow down with the history behind it.
    /// Cursors are [`Cursor::of_seq`](crate::values::Cursor::of_seq).
    ///
    /// # Errors
    ///
    /// [`StoreError::Corrupt`] if the cursor is not one of these; callers check it before they ask.
    async fn entries(
        &self,
        account: AccountId,
        filter: &EntryFilter,
        page: &PageRequest,
    ) -> Result<Page<Entry>, StoreError>;

    /// All accounts' entries, newest first by id, which grows with time; each with the account's external
    /// id. Cursors are [`Cursor::of_id`](crate::values::Cursor::of_id).
    ///
    /// A filter by time, or by the type of spends that name none, may have to pass over many entries. A page then may hold fewer items than its limit, or none,
    /// though `next` says that there may be more.
    ///
    /// # Errors
    ///
    /// As [`entries`](Self::entries).
    async fn all_entries(
        &self,
        filter: &EntryFilter,
        page: &PageRequest,
    ) -> Result<Page<(ExternalId, Entry)>, StoreError>;

    /// Everything that is kept of one account, in one snapshot; for audits.
    async fn history(&self, account: AccountId) -> Result<Option<History>, StoreError>;

    /// The entry with this id, of whichever account.
    async fn entry(&self, id: EntryId) -> Result<Option<Entry>, StoreError>;

    /// The grant with this id, of whichever account, as it was last written.
    async fn grant(&self, id: GrantId) -> Result<Option<Grant>, StoreError>;

    /// The hold with this id, of whichever account, as it was last written.
    async fn hold(&self, id: HoldId) -> Result<Option<Hold>, StoreError>;

    /// The usage with this id, of whichever account.
    async fn usage_record(&self, id: UsageId) -> Result<Option<UsageRecord>, StoreError>;

    /// How many units the account has used where `keys` say; what is not answered is 0.
    async fn month_units(
        &self,
        account: AccountId,
        keys: &BTreeSet<MonthKey>,
    ) -> Result<BTreeMap<MonthKey, Decimal>, StoreError>;
}

/// What a check of one account found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audited {
    /// How many entries were read.
    pub entries: u64,
    /// Of how many of them the text was erased.
    pub erased: u64,
    /// What does not hold.
    pub violations: Vec<Violation>,
    /// Where the next check may go on.
    pub mark: AuditProgress,
}

/// An account that is to be checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditTarget {
    /// Which account.
    pub account: AccountId,
    /// How many entries and usages it has.
    pub rows: u64,
}

/// Which accounts are to be checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditScope {
    /// All of them.
    All,
    /// Those that were written to since they were last found sound.
    Changed,
}

/// Checking what is kept.
#[async_trait]
pub trait LedgerAudit: Send + Sync {
    /// Checks accounts with core's [`Auditor`](crate::ledger::audit::Auditor), in one snapshot: with `whole` from the
    /// first entry on, otherwise each from its last mark on, where no more is read than what can have changed since.
    /// `accounts` are in order of their ids, and the database reads all that lies between the first and the last; those
    /// that do not exist are left out. What an account has given and owed is in memory at once, its entries are not.
    async fn audit(&self, accounts: &[AccountId], whole: bool) -> Result<Vec<Audited>, StoreError>;

    /// Refuses every posting to the account from now on, whatever else of it can be read.
    async fn freeze(&self, account: AccountId) -> Result<(), StoreError>;

    /// Those of `accounts` to which postings are refused.
    async fn frozen(&self, accounts: &[AccountId]) -> Result<BTreeSet<AccountId>, StoreError>;

    /// Those of `accounts` that have no ledger.
    async fn without_ledger(&self, accounts: &[AccountId]) -> Result<BTreeSet<AccountId>, StoreError>;

    /// Up to `limit` accounts of `scope`, by id, after `after`.
    async fn accounts_to_audit(
        &self,
        scope: AuditScope,
        after: Option<AccountId>,
        limit: u32,
    ) -> Result<Vec<AuditTarget>, StoreError>;

    /// How many accounts there are.
    async fn count_accounts(&self) -> Result<u64, StoreError>;

    /// Up to `limit` of the account's entries after number `after`, with all that their hashes cover.
    async fn chain(&self, account: AccountId, after: i64, limit: u32) -> Result<ChainPart, StoreError>;

    /// How far the check of all history has come; none before the first.
    async fn audit_walk(&self) -> Result<Option<AuditWalk>, StoreError>;

    /// Keeps how far the check of all history has come.
    async fn keep_audit_walk(&self, walk: AuditWalk) -> Result<(), StoreError>;

    /// Keeps where checks of these accounts may go on. Those that were written to since their mark was made stay
    /// [`Changed`](AuditScope::Changed).
    async fn keep_progress(&self, marks: Vec<AuditProgress>) -> Result<(), StoreError>;
}

/// Checkpoints of the ledger.
#[async_trait]
pub trait Checkpoints: Send + Sync {
    /// The last checkpoint.
    async fn last_checkpoint(&self) -> Result<Option<Checkpoint>, StoreError>;

    /// Up to `limit` heads of accounts that went on since a checkpoint last covered them, by account.
    async fn uncovered_heads(&self, limit: u32) -> Result<Vec<CheckpointHead>, StoreError>;

    /// Keeps a checkpoint and what it covers. Says no, and keeps nothing, if another one took its number.
    async fn keep_checkpoint(&self, record: CheckpointRecord) -> Result<bool, StoreError>;

    /// Up to `limit` checkpoints with numbers after `number`, by number, each with what it covers.
    async fn checkpoints(&self, number: i64, limit: u32) -> Result<Vec<CheckpointRecord>, StoreError>;

    /// The heads that are kept of a checkpoint, whether or not it is there itself.
    async fn checkpoint_heads(&self, number: i64) -> Result<Vec<CheckpointHead>, StoreError>;

    /// The last checkpoint that covers `account`, and everything that it covers, in its order.
    async fn latest_checkpoint_of(
        &self,
        account: AccountId,
    ) -> Result<Option<(Checkpoint, Vec<CheckpointHead>)>, StoreError>;
}
