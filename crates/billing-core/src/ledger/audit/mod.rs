//! The invariants of the ledger, checked on an account's whole history.
//!
//! An account's grants, holds and debts fit in memory; its entries may not. So they come in chunks:
//! [`Auditor::begin`] takes what is kept, [`Auditor::read`] each chunk in order, and [`Auditor::finish`]
//! says what does not hold.

mod entries;
mod grants;
mod holds;
mod kept_row;

use std::collections::BTreeMap;

use super::{Allocation, Balance, ChainHash, DebtChange, Entry, Grant, Hold};
use crate::values::{AccountId, GrantId, HoldId, Timestamp};

/// Everything that the ledger keeps of one account, read in one snapshot.
#[derive(Debug, Clone)]
pub struct History {
    /// Everything but the entries.
    pub kept: Kept,
    /// The entries and what they moved.
    pub lines: Lines,
}

/// What is kept of one account besides its entries.
#[derive(Debug, Clone)]
pub struct Kept {
    /// The kept row.
    pub balance: Balance,
    /// Every grant there ever was.
    pub grants: Vec<Grant>,
    /// Every hold there ever was.
    pub holds: Vec<Hold>,
    /// Everything that was ever owed or repaid.
    pub debts: Vec<DebtChange>,
}

/// Some of an account's entries.
#[derive(Debug, Clone, Default)]
pub struct Lines {
    /// The entries, by number.
    pub entries: Vec<Entry>,
    /// Their allocations, by number and position.
    pub allocations: Vec<Allocation>,
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

/// Checks every invariant of one account's history and says which do not hold.
pub fn check(history: &History) -> Vec<Violation> {
    let mut auditor = Auditor::begin(&history.kept);
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
    progress: Progress,
    found: Vec<Violation>,
}

/// What the entries so far add up to.
#[derive(Default)]
struct Progress {
    posted: i128,
    last_at: Option<Timestamp>,
    head: Option<ChainHash>,
    /// Every entry's amount, by number less one.
    amounts: Vec<i64>,
    /// What was given back, by the number of the entry.
    reversed: BTreeMap<i64, i128>,
    /// What went into and out of each grant.
    flows: BTreeMap<GrantId, Flow>,
    /// What was spent against each hold.
    settled: BTreeMap<HoldId, i128>,
}

/// What went into and out of a grant.
#[derive(Default)]
struct Flow {
    net: i128,
    forfeited: i128,
    counted: u32,
}

impl<'a> Auditor<'a> {
    /// Begins with what is kept.
    pub fn begin(kept: &'a Kept) -> Self {
        let mut owed: BTreeMap<i64, Vec<&DebtChange>> = BTreeMap::new();
        for debt in kept.debts.iter().filter(|debt| debt.grant.is_none()) {
            owed.entry(debt.seq).or_default().push(debt);
        }
        Self {
            kept,
            grants: kept.grants.iter().map(|grant| (grant.id, grant)).collect(),
            holds: kept.holds.iter().map(|hold| (hold.id, hold)).collect(),
            owed,
            progress: Progress::default(),
            found: Vec::new(),
        }
    }

    /// Reads the next entries.
    pub fn read(&mut self, lines: &Lines) {
        self.entries(lines);
    }

    /// How many entries were read.
    pub fn entries_read(&self) -> usize {
        self.progress.amounts.len()
    }

    /// What does not hold.
    pub fn finish(mut self) -> Vec<Violation> {
        self.end_of_entries();
        self.check_grants();
        self.check_holds();
        self.check_kept_row();
        self.found
    }

    fn expect(&mut self, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            self.found.push(Violation { account: self.kept.balance.account, what: what() });
        }
    }
}
