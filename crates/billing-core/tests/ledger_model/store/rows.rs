//! The rows, and how a batch's writes reach them.

use std::collections::BTreeMap;

use billing_core::catalog::MonthKey;
use billing_core::ledger::audit::{History, Kept, KeptKey, KeptSettings, Lines};
use billing_core::ledger::{
    Allocation, Balance, Carry, DebtChange, Entry, Grant, Hold, RecordedPosting, UsageRecord, Writes,
};
use billing_core::values::{AccountId, DebtId, GrantId, HoldId, PostingKey};
use rust_decimal::Decimal;

/// Every row of every account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Rows {
    pub(crate) balances: BTreeMap<AccountId, Balance>,
    pub(crate) grants: BTreeMap<GrantId, Grant>,
    pub(crate) holds: BTreeMap<HoldId, Hold>,
    pub(crate) debts: BTreeMap<DebtId, DebtChange>,
    pub(crate) carried: BTreeMap<(AccountId, String), Carry>,
    pub(crate) months: BTreeMap<(AccountId, MonthKey), Decimal>,
    pub(crate) usages: BTreeMap<(AccountId, i64), UsageRecord>,
    pub(crate) entries: BTreeMap<(AccountId, i64), Entry>,
    pub(crate) allocations: BTreeMap<(AccountId, i64, u16), Allocation>,
    pub(crate) postings: BTreeMap<(AccountId, PostingKey), RecordedPosting>,
}

impl Rows {
    pub(super) fn with_accounts(accounts: &[AccountId]) -> Self {
        let balances = accounts.iter().map(|account| (*account, Balance::empty(*account)));
        Self { balances: balances.collect(), ..Self::default() }
    }

    /// Writes what a batch leaves behind. What is said to be new must be, as in a database with unique keys.
    pub(super) fn write(&mut self, writes: Writes) {
        self.balances.extend(writes.balances);
        for (id, grant) in writes.grants {
            let twin = self.grants.values().find(|kept| kept.business_key == grant.business_key);
            assert!(twin.is_none_or(|twin| twin.id == id), "{:?} granted twice", grant.business_key);
            let before = self.grants.insert(id, Grant::clone(&grant));
            assert_eq!(before.is_none(), writes.made.contains(&id), "{id} is new or is not");
        }
        for (id, hold) in writes.holds {
            let before = self.holds.insert(id, hold);
            assert_eq!(before.is_none(), writes.placed.contains(&id), "{id} is new or is not");
        }
        for debt in writes.debts {
            assert_eq!(self.debts.insert(debt.id, debt), None, "{} came twice", debt.id);
        }
        self.carried.extend(writes.carried);
        self.months.extend(writes.months);
        for usage in writes.usages {
            let place = (usage.account, usage.number);
            assert_eq!(self.usages.insert(place, usage), None, "{place:?} was written twice");
        }
        for entry in writes.entries {
            let place = (entry.account, entry.seq);
            assert_eq!(self.entries.insert(place, entry), None, "{place:?} was written twice");
        }
        for part in writes.allocations {
            let place = (part.account, part.seq, part.position);
            assert_eq!(self.allocations.insert(place, part), None, "{place:?} was written twice");
        }
        for posting in writes.postings {
            let place = (posting.account, posting.key.clone());
            assert!(self.postings.insert(place, (*posting).clone()).is_none(), "a key was recorded twice");
        }
    }

    pub(crate) fn grants_of(&self, account: AccountId) -> impl Iterator<Item = &Grant> {
        self.grants.values().filter(move |grant| grant.account == account)
    }

    pub(crate) fn holds_of(&self, account: AccountId) -> impl Iterator<Item = &Hold> {
        self.holds.values().filter(move |hold| hold.account == account)
    }

    pub(crate) fn debts_of(&self, account: AccountId) -> impl Iterator<Item = &DebtChange> {
        self.debts.values().filter(move |debt| debt.account == account)
    }

    pub(crate) fn entries_of(&self, account: AccountId) -> impl Iterator<Item = &Entry> {
        self.entries.range((account, i64::MIN)..=(account, i64::MAX)).map(|(_, entry)| entry)
    }

    pub(crate) fn usages_of(&self, account: AccountId) -> impl Iterator<Item = &UsageRecord> {
        self.usages.range((account, i64::MIN)..=(account, i64::MAX)).map(|(_, usage)| usage)
    }

    pub(crate) fn parts_of(&self, account: AccountId) -> impl Iterator<Item = &Allocation> {
        let all = (account, i64::MIN, 0)..=(account, i64::MAX, u16::MAX);
        self.allocations.range(all).map(|(_, part)| part)
    }

    pub(crate) fn parts_at(&self, account: AccountId, seq: i64) -> impl Iterator<Item = &Allocation> {
        self.allocations.range((account, seq, 0)..=(account, seq, u16::MAX)).map(|(_, part)| part)
    }

    /// Everything that there is of one account, for an audit.
    pub(crate) fn history(&self, account: AccountId) -> History {
        let kept = Kept {
            balance: self.balances[&account].clone(),
            settings: Some(KeptSettings::from(&self.balances[&account])),
            grants: self.grants_of(account).cloned().collect(),
            holds: self.holds_of(account).cloned().collect(),
            debts: self.debts_of(account).copied().collect(),
            carries: self.carries_of(account).collect(),
            covered: Vec::new(),
            months: self.months_of(account).collect(),
        };
        let entries = self.entries_of(account).cloned().collect();
        let allocations = self.parts_of(account).copied().collect();
        let usages = self.usages_of(account).cloned().collect();
        let own = self.postings.iter().filter(|((owner, _), _)| *owner == account);
        let keys = own.map(|((_, key), posting)| (key.clone(), KeptKey::of(posting))).collect();
        History { kept, lines: Lines { entries, allocations, keys }, usages }
    }

    pub(crate) fn carries_of(&self, account: AccountId) -> impl Iterator<Item = (String, Carry)> {
        let own = self.carried.iter().filter(move |((owner, _), _)| *owner == account);
        own.map(|((_, meter), carry)| (meter.clone(), *carry))
    }

    pub(crate) fn months_of(&self, account: AccountId) -> impl Iterator<Item = (MonthKey, Decimal)> {
        let own = self.months.iter().filter(move |((owner, _), _)| *owner == account);
        own.map(|((_, key), units)| (key.clone(), *units))
    }
}
