//! The input and output of a batch.

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
    /// The existing accounts of the batch.
    pub accounts: BTreeMap<AccountId, AccountState>,
    /// Those of the batch's business keys that have granted before, on any account.
    pub business_keys: BTreeSet<BusinessKey>,
}

/// Everything that a store writes after a batch was decided.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Writes {
    /// The balance rows of changed accounts.
    pub balances: BTreeMap<AccountId, Balance>,
    /// New or changed grants.
    pub grants: BTreeMap<GrantId, Arc<Grant>>,
    /// The new ones among the grants.
    pub made: BTreeSet<GrantId>,
    /// New or changed holds.
    pub holds: BTreeMap<HoldId, Hold>,
    /// The new ones among the holds.
    pub placed: BTreeSet<HoldId>,
    /// Debts and repayments.
    pub debts: Vec<DebtChange>,
    /// The carries by account and meter.
    pub carried: BTreeMap<(AccountId, String), Carry>,
    /// The monthly units by account and counter.
    pub months: BTreeMap<(AccountId, MonthKey), Decimal>,
    /// New usage, by account and number.
    pub usages: Vec<UsageRecord>,
    /// New entries, by account and number.
    pub entries: Vec<Entry>,
    /// The allocations of the new entries.
    pub allocations: Vec<Allocation>,
    /// New keys. Their entries and grants are among those above.
    pub postings: Vec<Arc<RecordedPosting>>,
}

/// A new entry with the contents of its row.
#[derive(Debug, Clone, Copy)]
pub struct NewLine<'a> {
    /// The entry.
    pub entry: &'a Entry,
    /// Its allocations, in order.
    pub parts: &'a [Allocation],
    /// The posting that starts with it: its key is stored on its first entry.
    pub posting: Option<&'a RecordedPosting>,
}

impl Writes {
    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.balances.is_empty() && self.postings.is_empty()
    }

    /// The new entries, each with its allocations and posting; all three are in the same order.
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

    /// The new postings without entries, whose keys are stored separately.
    pub fn postings_without_entries(&self) -> impl Iterator<Item = &RecordedPosting> {
        self.postings.iter().map(|posting| &**posting).filter(|posting| posting.entries.is_empty())
    }
}
