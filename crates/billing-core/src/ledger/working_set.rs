//! What a batch starts from and what it leaves behind.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rust_decimal::Decimal;

use super::{
    AccountState, Allocation, Balance, Carry, DebtChange, Entry, Grant, Hold, RecordedPosting, UsageRecord,
};
use crate::catalog::MonthKey;
use crate::values::{AccountId, BusinessKey, GrantId, HoldId};

/// Everything that a store loads before a batch is decided.
#[derive(Debug, Clone, Default)]
pub struct WorkingSet {
    /// The accounts of the batch that exist.
    pub accounts: BTreeMap<AccountId, AccountState>,
    /// Those of the batch's business facts that have granted before, on whatever account.
    pub business_keys: BTreeSet<BusinessKey>,
}

/// What a store writes after a batch was decided. Nothing else may change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Writes {
    /// The kept rows of the accounts that changed.
    pub balances: BTreeMap<AccountId, Balance>,
    /// Grants that are new or changed, as they are now.
    pub grants: BTreeMap<GrantId, Arc<Grant>>,
    /// Those of the grants that are new.
    pub made: BTreeSet<GrantId>,
    /// Holds that are new or changed, as they are now.
    pub holds: BTreeMap<HoldId, Hold>,
    /// Those of the holds that are new.
    pub placed: BTreeSet<HoldId>,
    /// What was owed or repaid.
    pub debts: Vec<DebtChange>,
    /// What is carried below one credit, by account and meter.
    pub carried: BTreeMap<(AccountId, String), Carry>,
    /// How many units are counted in a month, by account and where.
    pub months: BTreeMap<(AccountId, MonthKey), Decimal>,
    /// New usage, by account and number.
    pub usages: Vec<UsageRecord>,
    /// New entries, by account and number.
    pub entries: Vec<Entry>,
    /// Which grants the new entries put into or drew from.
    pub allocations: Vec<Allocation>,
    /// New keys. Their entries and grants are among those above.
    pub postings: Vec<Arc<RecordedPosting>>,
}

/// A new entry, with what is kept in its row.
#[derive(Debug, Clone, Copy)]
pub struct NewLine<'a> {
    /// The entry.
    pub entry: &'a Entry,
    /// What it moved, in order.
    pub parts: &'a [Allocation],
    /// The posting that begins with it: its key is kept with its first entry.
    pub posting: Option<&'a RecordedPosting>,
}

impl Writes {
    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.balances.is_empty() && self.postings.is_empty()
    }

    /// The new entries, each with its parts: both are written down in one order. So are the postings.
    pub fn lines(&self) -> impl Iterator<Item = NewLine<'_>> {
        let mut later = self.allocations.as_slice();
        let mut postings = self.postings.iter().filter(|posting| !posting.entries.is_empty()).peekable();
        self.entries.iter().map(move |entry| {
            let of_entry = |part: &&Allocation| (part.account, part.seq) == (entry.account, entry.seq);
            let (parts, rest) = later.split_at(later.iter().take_while(of_entry).count());
            later = rest;
            let begins = |posting: &&Arc<RecordedPosting>| {
                posting.entries.first().is_some_and(|first| first.id == entry.id)
            };
            let posting = postings.next_if(begins).map(|posting| &**posting);
            NewLine { entry, parts, posting }
        })
    }

    /// The new postings that wrote no entry: their keys are kept by themselves.
    pub fn postings_without_entries(&self) -> impl Iterator<Item = &RecordedPosting> {
        self.postings.iter().map(|posting| &**posting).filter(|posting| posting.entries.is_empty())
    }
}
