//! The invariants of the ledger, checked on an account's whole history.
//!
//! An account's grants, holds and debts fit in memory; its entries and its usage may not. So they come in chunks:
//! [`Auditor::begin`] takes what is kept, [`Auditor::read`] and [`Auditor::read_usages`] each chunk in order, and
//! [`Auditor::finish`] says what does not hold.

mod checkpoints;
mod entries;
mod grants;
mod holds;
mod kept_row;
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

/// Everything that the ledger keeps of one account, read in one snapshot.
#[derive(Debug, Clone)]
pub struct History {
    /// Everything but the entries.
    pub kept: Kept,
    /// The entries and what they moved.
    pub lines: Lines,
    /// The usage, by number.
    pub usages: Vec<UsageRecord>,
}

/// What is kept of one account besides its entries: all of it, or for an audit that goes on from a mark all that is
/// live, open, or can have changed since.
#[derive(Debug, Clone)]
pub struct Kept {
    /// The kept row.
    pub balance: Balance,
    /// What the account's own row says; none if there is no such row.
    pub settings: Option<KeptSettings>,
    /// Its grants.
    pub grants: Vec<Grant>,
    /// Its holds.
    pub holds: Vec<Hold>,
    /// What was owed and repaid; from the mark's last entry on, with it.
    pub debts: Vec<DebtChange>,
    /// What is carried, by meter.
    pub carries: BTreeMap<String, Carry>,
    /// What checkpoints cover of it, each with the number of the checkpoint; from the mark's last entry on, with it.
    pub covered: Vec<(i64, CheckpointHead)>,
    /// How many units are counted in each month, by where; for a check of the whole alone.
    pub months: BTreeMap<MonthKey, Decimal>,
}

/// What an account's own row and its kept row both say.
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
    /// What is kept of the keys that they were posted under.
    pub keys: BTreeMap<PostingKey, KeptKey>,
}

/// Some of an account's entries, with everything that their hashes cover; for whoever checks the chain by itself.
#[derive(Debug, Clone)]
pub struct ChainPart {
    /// The entries.
    pub lines: Lines,
    /// What they came to owe themselves.
    pub owed: Vec<DebtChange>,
    /// The grants that they put credits into.
    pub grants: BTreeMap<GrantId, Grant>,
    /// The salt of their free text.
    pub text_key: TextKey,
}

impl Default for ChainPart {
    fn default() -> Self {
        Self { lines: Lines::default(), owed: Vec::new(), grants: BTreeMap::new(), text_key: TextKey::NONE }
    }
}

/// What is kept of a posting's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeptKey {
    /// What the request said.
    pub fingerprint: Fingerprint,
    /// The numbers of its first and last entry; the last is before the first where there are none.
    pub entries: (i64, i64),
}

impl KeptKey {
    /// What is kept of `posting`'s key.
    pub fn of(posting: &RecordedPosting) -> Self {
        Self { fingerprint: posting.fingerprint, entries: (posting.first_seq(), posting.last_seq()) }
    }
}

/// Something that must hold and does not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("account {account}: {what}")]
pub struct Violation {
    /// On which account.
    pub account: AccountId,
    /// What is wrong, with the numbers.
    pub what: String,
}

/// How far an account was checked before: whatever comes later has to go on from here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditProgress {
    /// Which account.
    pub account: AccountId,
    /// The last entry that was read.
    pub seq: i64,
    /// The last usage that was read.
    pub usages: i64,
    /// What the entries summed to.
    pub posted: Credits,
    /// What was owed before the last entry that was read.
    pub owed_before: Credits,
    /// The hash of that entry.
    pub head: ChainHash,
    /// The hash of that usage.
    pub usage_head: ChainHash,
    /// When the account was last written to.
    pub last_at: Timestamp,
}

/// Checks every invariant of one account's history and says which do not hold.
pub fn check(history: &History) -> Vec<Violation> {
    let mut auditor = Auditor::begin(&history.kept, None);
    auditor.read_usages(&history.usages);
    auditor.read(&history.lines);
    auditor.finish()
}

/// Goes through one account's history.
pub struct Auditor<'a> {
    kept: &'a Kept,
    grants: BTreeMap<GrantId, &'a Grant>,
    holds: BTreeMap<HoldId, &'a Hold>,
    /// What entries themselves came to owe, by number.
    owed: BTreeMap<i64, Vec<&'a DebtChange>>,
    /// What checkpoints say of entries that are still to come.
    covered: checkpoints::Covered,
    /// Where an earlier check ended. What only a whole history shows is then left out.
    since: Option<AuditProgress>,
    progress: Progress,
    found: Vec<Violation>,
}

/// What the entries so far add up to.
#[derive(Default)]
struct Progress {
    posted: i128,
    last_at: Option<Timestamp>,
    head: Option<ChainHash>,
    /// Of how many entries the text was erased.
    erased: u64,
    /// Every entry's amount, in the order of their numbers.
    amounts: Vec<i64>,
    /// What the usage so far adds up to.
    usages: usages::Progress,
    /// What was given back, by the number of the entry.
    reversed: BTreeMap<i64, i128>,
    /// What went into and out of each grant.
    flows: BTreeMap<GrantId, Flow>,
    /// What was spent against each hold.
    settled: BTreeMap<HoldId, i128>,
}

impl Progress {
    fn since(mark: AuditProgress) -> Self {
        let before = (mark.seq > 0).then_some(mark.head);
        let usages = usages::Progress::since(&mark);
        Self { posted: i128::from(mark.posted.get()), head: before, usages, ..Self::default() }
    }
}

/// What went into and out of a grant.
#[derive(Default)]
struct Flow {
    net: i128,
    forfeited: i128,
    counted: u32,
}

impl<'a> Auditor<'a> {
    /// Begins with what is kept. With the mark of an earlier check, [`read`](Self::read) wants the entries
    /// after it alone; what each grant's entries add up to is then not checked again. Of grants that are used up,
    /// holds that have ended and debts before the mark it needs none: what they count for has not changed. If one of
    /// those was tampered with, a check of the whole finds it.
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

    /// Reads the next entries; all usage that they pay for was read before.
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

    /// Of how many entries the text was erased.
    pub const fn erased_read(&self) -> u64 {
        self.progress.erased
    }

    /// The mark to go on from next time, if nothing is wrong.
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

    /// What came to be owed and was repaid under entry number `seq`.
    fn owed_at(&self, seq: i64) -> i64 {
        let debts = self.kept.debts.iter().filter(|debt| debt.seq == seq);
        debts.fold(0, |sum, debt| sum.saturating_add(debt.amount.get()))
    }

    /// The number of the last entry that was read.
    fn last_seq(&self) -> i64 {
        let read = i64::try_from(self.progress.amounts.len()).unwrap_or(i64::MAX);
        self.since.map_or(0, |mark| mark.seq).saturating_add(read)
    }

    /// What does not hold.
    pub fn finish(mut self) -> Vec<Violation> {
        self.end_of_entries();
        self.end_of_covered();
        if self.since.is_none() {
            self.check_flows();
        }
        self.check_grants();
        self.check_holds();
        self.check_usages();
        self.check_kept_row();
        self.found
    }

    fn expect(&mut self, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            self.found.push(Violation { account: self.kept.balance.account, what: what() });
        }
    }
}
