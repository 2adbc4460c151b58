//! A store as small as one can be: it loads, folds and writes, and nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};

use billing_core::ledger::audit::{History, Kept as KeptRows, Lines};
use billing_core::ledger::{
    AccountState, Allocation, Balance, Entry, Grant, Loaded, Outcome, Posting, RecordedPosting, WorkingSet,
    fold,
};
use billing_core::values::{AccountId, BusinessKey, GrantId, IdSource, PostingKey, Timestamp};

/// Ids that count up.
#[derive(Debug, Default)]
pub(crate) struct Counting(AtomicU64);

/// Every row of every account.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    ids: Counting,
    balances: BTreeMap<AccountId, Balance>,
    grants: BTreeMap<GrantId, Grant>,
    entries: Vec<Entry>,
    allocations: Vec<Allocation>,
    postings: BTreeMap<(AccountId, PostingKey), RecordedPosting>,
}

impl IdSource for Counting {
    fn next_uuid(&self) -> uuid::Uuid {
        uuid::Uuid::from_u128(u128::from(self.0.fetch_add(1, Ordering::Relaxed)) + 1)
    }
}

impl Kept {
    pub(crate) fn with_accounts(accounts: &[AccountId]) -> Self {
        let balances = accounts.iter().map(|account| (*account, Balance::empty(*account)));
        Self { balances: balances.collect(), ..Self::default() }
    }

    pub(crate) fn post(&mut self, batch: &[Posting], now: Timestamp) -> Vec<Outcome> {
        let keys: Vec<_> = batch.iter().map(|posting| (posting.account, posting.key.clone())).collect();
        let known = batch.iter().filter(|posting| self.balances.contains_key(&posting.account));
        let accounts = known.map(|posting| (posting.account, self.state(posting.account, &keys)));
        let facts: BTreeSet<BusinessKey> =
            self.grants.values().map(|grant| grant.business_key.clone()).collect();
        let mut set = WorkingSet { accounts: accounts.collect(), facts };
        let (outcomes, writes) = fold(&mut set, batch, now, &self.ids);
        self.balances.extend(writes.balances);
        self.grants.extend(writes.grants);
        self.entries.extend(writes.entries);
        self.allocations.extend(writes.allocations);
        let postings = writes.postings.into_iter();
        self.postings.extend(postings.map(|posting| ((posting.account, posting.key.clone()), posting)));
        // The kept state of the accounts is the one that was decided on.
        for (account, state) in &set.accounts {
            assert_eq!(state.balance, self.balances[account]);
            assert!(state.live_grants().eq(self.state(*account, &[]).live_grants()));
        }
        outcomes
    }

    pub(crate) fn state(&self, account: AccountId, keys: &[(AccountId, PostingKey)]) -> AccountState {
        let live = self.grants.values().filter(|grant| grant.account == account && grant.is_live()).cloned();
        let own = keys.iter().filter(|(owner, _)| *owner == account);
        let recorded = own.filter_map(|key| self.postings.get(key).cloned());
        let loaded = Loaded {
            grants: live.collect(),
            recorded: recorded.collect(),
            ..Loaded::new(self.balances[&account].clone())
        };
        loaded.into()
    }

    pub(crate) fn history(&self, account: AccountId) -> History {
        let kept = KeptRows {
            balance: self.balances[&account].clone(),
            grants: self.grants.values().filter(|grant| grant.account == account).cloned().collect(),
            holds: Vec::new(),
            debts: Vec::new(),
        };
        let entries = self.entries.iter().filter(|entry| entry.account == account).cloned().collect();
        let allocations = self.allocations.iter().filter(|part| part.account == account).copied().collect();
        History { kept, lines: Lines { entries, allocations } }
    }

    /// What is left of each of the account's grants, by business fact.
    pub(crate) fn left(&self, account: AccountId) -> BTreeMap<BusinessKey, i64> {
        let own = self.grants.values().filter(|grant| grant.account == account);
        own.map(|grant| (grant.business_key.clone(), grant.remaining.get())).collect()
    }

    /// How much each entry moved in which grant: by number and business fact.
    pub(crate) fn drawn(&self, account: AccountId) -> BTreeMap<(i64, BusinessKey), i64> {
        let own = self.allocations.iter().filter(|part| part.account == account);
        let fact = |part: &Allocation| self.grants[&part.grant].business_key.clone();
        own.map(|part| ((part.seq, fact(part)), part.amount.get())).collect()
    }
}

impl Clone for Kept {
    fn clone(&self) -> Self {
        Self {
            ids: Counting(AtomicU64::new(self.ids.0.load(Ordering::Relaxed))),
            balances: self.balances.clone(),
            grants: self.grants.clone(),
            entries: self.entries.clone(),
            allocations: self.allocations.clone(),
            postings: self.postings.clone(),
        }
    }
}

impl PartialEq for Kept {
    /// Rows alone: how many ids were used up on refusals does not matter.
    fn eq(&self, other: &Self) -> bool {
        self.balances == other.balances
            && self.grants == other.grants
            && self.entries == other.entries
            && self.allocations == other.allocations
            && self.postings == other.postings
    }
}
