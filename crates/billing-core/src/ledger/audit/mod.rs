//! The invariants of the ledger, checked on an account's whole history.
//!
//! An account's grants, holds and debts fit in memory; its entries and its usage may not. So they are read in chunks:
//! [`Auditor::begin`] takes the stored state, [`Auditor::read`] and [`Auditor::read_usages`] each chunk in order, and
//! [`Auditor::finish`] returns the violations.

mod balance_row;
mod checkpoints;
mod entries;
mod grants;
mod holds;
mod months;
mod usages;
mod walk;

pub use walk::AuditWalk;

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::{
    Allocation, Balance, Carry, ChainHash, CheckpointHead, DebtChange, Entry, Grant, Hold, RecordedPosting,
    TextKey, UsageRecord,
};
use crate::accounts::Account;
use crate::catalog::MonthKey;
use crate::values::{AccountId, Credits, Fingerprint, GrantId, HoldId, PostingKey, Timestamp};

/// Everything that is stored of one account's ledger, in one snapshot.
#[derive(Debug, Clone)]
pub struct History {
    /// Everything but the entries.
    pub kept: Kept,
    /// The entries and their allocations.
    pub lines: Lines,
    /// The usage, by number.
    pub usages: Vec<UsageRecord>,
}

/// The stored state of one account without its entries: all of it, or for an incremental audit everything that is
/// live, open, or can have changed since.
#[derive(Debug, Clone)]
pub struct Kept {
    /// The balance row.
    pub balance: Balance,
    /// The settings on the account's own row; none if there is no such row.
    pub settings: Option<KeptSettings>,
    /// Its grants.
    pub grants: Vec<Grant>,
    /// Its holds.
    pub holds: Vec<Hold>,
    /// The debts and repayments; in an incremental audit those from the position's last entry on, inclusive.
    pub debts: Vec<DebtChange>,
    /// The carries by meter.
    pub carries: BTreeMap<String, Carry>,
    /// What checkpoints cover of it, each with the number of the checkpoint; in an incremental audit from the
    /// position's last entry on, inclusive.
    pub covered: Vec<(i64, CheckpointHead)>,
    /// The units counted in each month; only for a whole audit.
    pub months: BTreeMap<MonthKey, Decimal>,
}

/// The settings that are on an account's own row and on its balance row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeptSettings {
    overdraft_limit: Credits,
    enabled: bool,
    frozen: bool,
    text_key: TextKey,
}

impl From<&Account> for KeptSettings {
    fn from(account: &Account) -> Self {
        Self {
            overdraft_limit: account.overdraft_limit,
            enabled: account.credits_enabled,
            frozen: account.frozen.is_some(),
            text_key: account.text_key,
        }
    }
}

impl From<&Balance> for KeptSettings {
    fn from(balance: &Balance) -> Self {
        Self {
            overdraft_limit: balance.overdraft_limit,
            enabled: balance.enabled,
            frozen: balance.frozen,
            text_key: balance.text_key,
        }
    }
}

/// Some of an account's entries.
#[derive(Debug, Clone, Default)]
pub struct Lines {
    /// The entries, by number.
    pub entries: Vec<Entry>,
    /// Their allocations, by number and position.
    pub allocations: Vec<Allocation>,
    /// The stored keys of their postings.
    pub keys: BTreeMap<PostingKey, KeptKey>,
}

/// Some of an account's entries, with everything that their hashes cover; for verifying the chain alone.
#[derive(Debug, Clone)]
pub struct ChainPart {
    /// The entries.
    pub lines: Lines,
    /// Their own debts.
    pub owed: Vec<DebtChange>,
    /// The grants that they credit.
    pub grants: BTreeMap<GrantId, Grant>,
    /// The salt of their free text.
    pub text_key: TextKey,
}

impl Default for ChainPart {
    fn default() -> Self {
        Self { lines: Lines::default(), owed: Vec::new(), grants: BTreeMap::new(), text_key: TextKey::NONE }
    }
}

/// The stored key of a posting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeptKey {
    /// The request's fingerprint.
    pub fingerprint: Fingerprint,
    /// The numbers of its first and last entry; the last is smaller than the first if there are none.
    pub entries: (i64, i64),
}

impl KeptKey {
    /// The stored key of `posting`.
    pub fn of(posting: &RecordedPosting) -> Self {
        Self { fingerprint: posting.fingerprint, entries: (posting.first_seq(), posting.last_seq()) }
    }
}

/// A violated invariant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("account {account}: {what}")]
pub struct Violation {
    /// The account.
    pub account: AccountId,
    /// The problem, with the numbers.
    pub what: String,
}

/// The position of an earlier audit of an account, from which the next one continues.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditProgress {
    /// The account.
    pub account: AccountId,
    /// The last entry that was read.
    pub seq: i64,
    /// The last usage that was read.
    pub usages: i64,
    /// The sum of the entries.
    pub posted: Credits,
    /// The debt before the last entry that was read.
    pub owed_before: Credits,
    /// The hash of that entry.
    pub head: ChainHash,
    /// The hash of that usage.
    pub usage_head: ChainHash,
    /// When the account was last written to.
    pub last_at: Timestamp,
}

/// Checks every invariant of one account's history and returns the violations.
pub fn check(history: &History) -> Vec<Violation> {
    let mut auditor = Auditor::begin(&history.kept, None);
    auditor.read_usages(&history.usages);
    auditor.read(&history.lines);
    auditor.finish()
}

/// Audits one account's history.
pub struct Auditor<'a> {
    kept: &'a Kept,
    grants: BTreeMap<GrantId, &'a Grant>,
    holds: BTreeMap<HoldId, &'a Hold>,
    /// The entries' own debts, by number.
    owed: BTreeMap<i64, Vec<&'a DebtChange>>,
    /// What checkpoints cover of later entries.
    covered: checkpoints::Covered,
    /// The position of an earlier audit. Checks that need a whole history are then skipped.
    since: Option<AuditProgress>,
    progress: Progress,
    found: Vec<Violation>,
}

/// The sums of the entries so far.
#[derive(Default)]
struct Progress {
    posted: i128,
    last_at: Option<Timestamp>,
    head: Option<ChainHash>,
    /// The number of entries with erased text.
    erased: u64,
    /// Every entry's amount, by number.
    amounts: Vec<i64>,
    /// The sums of the usage so far.
    usages: usages::Progress,
    /// The reversed credits, by the number of the entry.
    reversed: BTreeMap<i64, i128>,
    /// The credits into and out of each grant.
    flows: BTreeMap<GrantId, Flow>,
    /// The credits spent against each hold.
    settled: BTreeMap<HoldId, i128>,
}

impl Progress {
    fn since(mark: AuditProgress) -> Self {
        let before = (mark.seq > 0).then_some(mark.head);
        let usages = usages::Progress::since(&mark);
        Self { posted: i128::from(mark.posted.get()), head: before, usages, ..Self::default() }
    }
}

/// The credits into and out of a grant.
#[derive(Default)]
struct Flow {
    net: i128,
    forfeited: i128,
    counted: u32,
}

impl<'a> Auditor<'a> {
    /// Starts with the stored state. With the position of an earlier audit, [`read`](Self::read) expects only the
    /// entries after it; the sums of each grant's entries are then not checked again. Used-up grants, ended holds and
    /// debts before the position are not needed: their contribution has not changed. Tampering with one of those is
    /// found by an audit of the whole.
    pub fn begin(kept: &'a Kept, since: Option<AuditProgress>) -> Self {
        let mut owed: BTreeMap<i64, Vec<&DebtChange>> = BTreeMap::new();
        let read = since.map_or(0, |mark| mark.seq);
        for debt in kept.debts.iter().filter(|debt| debt.grant.is_none() && debt.seq > read) {
            owed.entry(debt.seq).or_default().push(debt);
        }
        let mut auditor = Self {
            kept,
            grants: kept.grants.iter().map(|grant| (grant.id, grant)).collect(),
            holds: kept.holds.iter().map(|hold| (hold.id, hold)).collect(),
            owed,
            covered: checkpoints::Covered::of(&kept.covered),
            since,
            progress: since.map(Progress::since).unwrap_or_default(),
            found: Vec::new(),
        };
        let before = auditor.progress.head.unwrap_or(ChainHash::GENESIS);
        auditor.check_covered_entry(read, before);
        let (usages, before) = since.map_or((0, ChainHash::GENESIS), |mark| (mark.usages, mark.usage_head));
        auditor.check_covered_usage(usages, before);
        auditor
    }

    /// Reads the next entries; all usage that they pay for must have been read before.
    pub fn read(&mut self, lines: &Lines) {
        self.entries(lines);
    }

    /// Reads the next usage.
    pub fn read_usages(&mut self, usages: &[UsageRecord]) {
        self.usages(usages);
    }

    /// How many entries were read.
    pub fn entries_read(&self) -> usize {
        self.progress.amounts.len()
    }

    /// The number of entries with erased text.
    pub const fn erased_read(&self) -> u64 {
        self.progress.erased
    }

    /// The position for the next audit, if there is no violation.
    pub fn mark(&self) -> AuditProgress {
        let kept = &self.kept.balance;
        AuditProgress {
            account: kept.account,
            seq: kept.seq,
            usages: kept.usages,
            posted: kept.posted,
            owed_before: Credits::new(kept.debt.get().saturating_sub(self.owed_at(kept.seq))),
            head: kept.head,
            usage_head: kept.usage_head,
            last_at: kept.last_at,
        }
    }

    /// The debts and repayments under entry number `seq`.
    fn owed_at(&self, seq: i64) -> i64 {
        let debts = self.kept.debts.iter().filter(|debt| debt.seq == seq);
        debts.fold(0, |sum, debt| sum.saturating_add(debt.amount.get()))
    }

    /// The number of the last entry that was read.
    fn last_seq(&self) -> i64 {
        let read = i64::try_from(self.progress.amounts.len()).unwrap_or(i64::MAX);
        self.since.map_or(0, |mark| mark.seq).saturating_add(read)
    }

    /// The violations.
    pub fn finish(mut self) -> Vec<Violation> {
        self.end_of_entries();
        self.end_of_covered();
        if self.since.is_none() {
            self.check_flows();
        }
        self.check_grants();
        self.check_holds();
        self.check_usages();
        self.check_balance_row();
        self.found
    }

    fn expect(&mut self, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            self.found.push(Violation { account: self.kept.balance.account, what: what() });
        }
    }
}
