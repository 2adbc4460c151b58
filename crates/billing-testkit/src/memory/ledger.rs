//! Ledgers, and the hot path that posts to them.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use billing_core::ledger::{
    AccountState, Allocation, Balance, Command, Entry, Grant, Outcome, Posting, RecordedPosting, WorkingSet,
    Writes, fold,
};
use billing_core::ports::{LedgerStore, StoreError};
use billing_core::values::{AccountId, BusinessKey, Credits, Fingerprint, GrantId, PostingKey, Timestamp};

use super::MemoryStore;

/// Every account's ledger, and what is unique over all of them.
#[derive(Default)]
pub(super) struct Ledgers {
    pub(super) by_account: BTreeMap<AccountId, Ledger>,
    facts: BTreeSet<BusinessKey>,
}

/// One account's rows.
pub(super) struct Ledger {
    pub(super) balance: Balance,
    pub(super) grants: BTreeMap<GrantId, Grant>,
    /// By number: the entry with number 1 is the first.
    pub(super) entries: Vec<Entry>,
    pub(super) allocations: Vec<Allocation>,
    postings: BTreeMap<PostingKey, KeyRow>,
}

/// What is kept of a key; its entries and grants are looked up, as in a database.
struct KeyRow {
    fingerprint: Fingerprint,
    available: Credits,
    entries: Vec<i64>,
    grants: Vec<GrantId>,
}

#[async_trait]
impl LedgerStore for MemoryStore {
    async fn post(&self, batch: Vec<Posting>, now: Timestamp) -> Result<Vec<Outcome>, StoreError> {
        let mut state = self.lock();
        state.failure()?;
        let mut set = state.ledgers.working_set(&batch);
        let (outcomes, writes) = fold(&mut set, &batch, now, &*self.ids);
        state.ledgers.write(writes);
        Ok(outcomes)
    }
}

impl Ledgers {
    /// What deciding `batch` needs to know.
    pub(super) fn working_set(&self, batch: &[Posting]) -> WorkingSet {
        let mut keys: BTreeMap<AccountId, Vec<&PostingKey>> = BTreeMap::new();
        for posting in batch {
            keys.entry(posting.account).or_default().push(&posting.key);
        }
        let accounts = keys
            .into_iter()
            .filter_map(|(account, keys)| Some((account, self.by_account.get(&account)?.state(&keys))))
            .collect();
        let commands = batch.iter().flat_map(|posting| &posting.commands);
        let facts = commands.filter_map(|command| match command {
            Command::Grant(grant) => self.facts.get(&grant.business_key).cloned(),
            Command::Spend(_) => None,
        });
        WorkingSet { accounts, facts: facts.collect() }
    }

    /// Gives `account` an empty ledger, unless it has one.
    pub(super) fn open(&mut self, account: AccountId) {
        self.by_account.entry(account).or_insert_with(|| Ledger::empty(account));
    }

    pub(super) fn write(&mut self, writes: Writes) {
        for (account, balance) in writes.balances {
            self.open(account);
            if let Some(ledger) = self.by_account.get_mut(&account) {
                ledger.balance = balance;
            }
        }
        for grant in writes.grants.into_values() {
            self.facts.insert(grant.business_key.clone());
            if let Some(ledger) = self.by_account.get_mut(&grant.account) {
                ledger.grants.insert(grant.id, grant);
            }
        }
        for entry in writes.entries {
            if let Some(ledger) = self.by_account.get_mut(&entry.account) {
                ledger.entries.push(entry);
            }
        }
        for part in writes.allocations {
            if let Some(ledger) = self.by_account.get_mut(&part.account) {
                ledger.allocations.push(part);
            }
        }
        for posting in writes.postings {
            if let Some(ledger) = self.by_account.get_mut(&posting.account) {
                ledger.postings.insert(posting.key.clone(), KeyRow::of(&posting));
            }
        }
    }
}

impl Ledger {
    pub(super) fn empty(account: AccountId) -> Self {
        Self {
            balance: Balance::empty(account),
            grants: BTreeMap::new(),
            entries: Vec::new(),
            allocations: Vec::new(),
            postings: BTreeMap::new(),
        }
    }

    /// The kept row and the live grants, and what is recorded under `keys`.
    pub(super) fn state(&self, keys: &[&PostingKey]) -> AccountState {
        let live = self.grants.values().filter(|grant| grant.live).cloned();
        let recorded = keys.iter().filter_map(|key| self.recorded(key));
        AccountState::new(self.balance.clone(), live, recorded)
    }

    fn recorded(&self, key: &PostingKey) -> Option<RecordedPosting> {
        let row = self.postings.get(key)?;
        let entry = |seq: &i64| {
            let index = usize::try_from(seq.saturating_sub(1)).ok()?;
            self.entries.get(index).cloned()
        };
        Some(RecordedPosting {
            key: key.clone(),
            account: self.balance.account,
            fingerprint: row.fingerprint,
            available: row.available,
            entries: row.entries.iter().filter_map(entry).collect(),
            grants: row.grants.iter().filter_map(|id| self.grants.get(id).cloned()).collect(),
        })
    }
}

impl KeyRow {
    fn of(posting: &RecordedPosting) -> Self {
        Self {
            fingerprint: posting.fingerprint,
            available: posting.available,
            entries: posting.entries.iter().map(|entry| entry.seq).collect(),
            grants: posting.grants.iter().map(|grant| grant.id).collect(),
        }
    }
}
