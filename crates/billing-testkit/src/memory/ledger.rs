//! Ledgers, and the hot path that posts to them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use async_trait::async_trait;
use billing_core::accounts::Account;
use billing_core::ledger::audit::{AuditProgress, AuditWalk};
use billing_core::ledger::{
    CheckpointRecord, Command, Loaded, Named, Outcome, Posting, WorkingSet, Writes, fold,
};
use billing_core::ports::{LedgerStore, StoreError};
use billing_core::values::{AccountId, BusinessKey, PostingKey, Timestamp, Zone};

use super::MemoryStore;
use super::account_ledger::{KeyRow, Ledger};

/// Every account's ledger, and the unique keys over all of them.
#[derive(Default)]
pub(super) struct Ledgers {
    pub(super) by_account: BTreeMap<AccountId, Ledger>,
    facts: BTreeSet<BusinessKey>,
    pub(super) marks: BTreeMap<AccountId, AuditProgress>,
    pub(super) walk: Option<AuditWalk>,
    pub(super) checkpoints: Vec<CheckpointRecord>,
}

#[async_trait]
impl LedgerStore for MemoryStore {
    async fn post(&self, batch: Vec<Posting>, now: Timestamp) -> Result<Vec<Outcome>, StoreError> {
        let mut state = self.lock();
        state.failure()?;
        let mut set = state.ledgers.working_set(&batch, now);
        let (outcomes, writes) = fold(&mut set, &batch, now, &*self.ids);
        state.ledgers.write(writes);
        Ok(outcomes)
    }
}

impl Ledgers {
    /// The rows for deciding `batch` at `now`: few at first, and all live rows of the accounts that need them, as in
    /// the databases.
    pub(super) fn working_set(&self, batch: &[Posting], now: Timestamp) -> WorkingSet {
        let named = Named::of(batch);
        let mut keys: BTreeMap<AccountId, Vec<&PostingKey>> = BTreeMap::new();
        for posting in batch {
            keys.entry(posting.account).or_default().push(&posting.key);
        }
        let load = |(account, keys): (AccountId, Vec<&PostingKey>)| {
            Some((account, self.by_account.get(&account)?.first(&named, &keys)))
        };
        let mut loaded: BTreeMap<AccountId, Loaded> = keys.into_iter().filter_map(load).collect();
        for (account, key) in named.month_keys(batch, now, &loaded) {
            let counted = self.by_account.get(&account).and_then(|ledger| ledger.months.get(&key));
            if let (Some(loaded), Some(units)) = (loaded.get_mut(&account), counted) {
                loaded.months.push((key, *units));
            }
        }
        let commands = batch.iter().flat_map(|posting| &posting.commands);
        let facts = commands.filter_map(|command| match command {
            Command::Grant(grant) => self.facts.get(&grant.business_key).cloned(),
            _ => None,
        });
        let accounts = loaded.into_iter().map(|(account, loaded)| (account, loaded.into())).collect();
        let mut set = WorkingSet { accounts, business_keys: facts.collect() };
        for account in set.accounts_needing_full_load(batch, now) {
            if let (Some(state), Some(ledger)) =
                (set.accounts.get_mut(&account), self.by_account.get(&account))
            {
                let whole = ledger.whole();
                state.complete(whole.grants, whole.holds, whole.carried);
            }
        }
        set
    }

    /// Gives `account` an empty ledger, unless it has one.
    pub(super) fn open(&mut self, account: AccountId) {
        self.by_account.entry(account).or_insert_with(|| Ledger::empty(account));
    }

    /// Copies the account's settings to its ledger.
    pub(super) fn set_policy(&mut self, account: &Account) {
        if let Some(ledger) = self.by_account.get_mut(&account.id) {
            ledger.balance.overdraft_limit = account.overdraft_limit;
            ledger.balance.text_key = account.text_key;
            ledger.balance.enabled = account.credits_enabled;
            ledger.balance.frozen = account.frozen.is_some();
            let zone = account.timezone.as_deref().and_then(|zone| zone.parse().ok());
            ledger.zone = zone.unwrap_or(Zone::UTC);
        }
    }

    pub(super) fn write(&mut self, writes: Writes) {
        for grant in writes.grants.values() {
            self.facts.insert(grant.business_key.clone());
        }
        for (account, balance) in writes.balances {
            self.open(account);
            if let Some(ledger) = self.by_account.get_mut(&account) {
                ledger.balance = balance;
            }
        }
        for grant in writes.grants.into_values() {
            self.put(grant.account, |ledger| {
                drop(ledger.grants.insert(grant.id, Arc::unwrap_or_clone(grant)));
            });
        }
        for hold in writes.holds.into_values() {
            self.put(hold.account, |ledger| drop(ledger.holds.insert(hold.id, hold)));
        }
        for debt in writes.debts {
            self.put(debt.account, |ledger| ledger.debts.push(debt));
        }
        for ((account, meter), carry) in writes.carried {
            self.put(account, |ledger| {
                let _ = ledger.carried.insert(meter, carry);
            });
        }
        for ((account, key), units) in writes.months {
            self.put(account, |ledger| {
                let _ = ledger.months.insert(key, units);
            });
        }
        for usage in writes.usages {
            self.put(usage.account, |ledger| ledger.usages.push(usage));
        }
        for entry in writes.entries {
            self.put(entry.account, |ledger| ledger.entries.push(entry));
        }
        for part in writes.allocations {
            self.put(part.account, |ledger| ledger.allocations.push(part));
        }
        for posting in writes.postings {
            self.put(posting.account, |ledger| {
                drop(ledger.postings.insert(posting.key.clone(), KeyRow::of(&posting)));
            });
        }
    }

    fn put(&mut self, account: AccountId, write: impl FnOnce(&mut Ledger)) {
        if let Some(ledger) = self.by_account.get_mut(&account) {
            write(ledger);
        }
    }
}
