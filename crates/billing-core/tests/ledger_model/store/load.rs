//! Loading: everything live of an account, or only what burns first and what a batch names.

use std::collections::{BTreeMap, BTreeSet};

use billing_core::catalog::MonthKey;
use billing_core::ledger::{
    BurnOrder, Carry, Command, Entry, Grant, Hold, HoldState, Loaded, Named, Posting, Reversible, UsageLeft,
    UsageRecord, WorkingSet,
};
use billing_core::values::{AccountId, BusinessKey, Credits, GrantId, Timestamp};

use super::Rows;

impl Rows {
    pub(super) fn working_set(&self, first: Option<usize>, batch: &[Posting], now: Timestamp) -> WorkingSet {
        let named = Named::of(batch);
        let accounts: BTreeSet<AccountId> = batch.iter().map(|posting| posting.account).collect();
        let known = accounts.into_iter().filter(|account| self.balances.contains_key(account));
        let load = |account| (account, self.load(account, first, batch, now, &named).into());
        let mut set = WorkingSet { accounts: known.map(load).collect(), business_keys: self.facts(batch) };
        let lacking = set.accounts_needing_full_load(batch, now);
        assert!(first.is_some() || lacking.is_empty(), "everything was loaded, and more is asked for");
        for account in lacking {
            let whole = self.everything(account);
            set.accounts.get_mut(&account).unwrap().complete(whole.grants, whole.holds, whole.carried);
        }
        set
    }

    /// Whether any account that is loaded in part has to be loaded as a whole.
    pub(crate) fn accounts_needing_full_load(&self, first: usize, batch: &[Posting], now: Timestamp) -> bool {
        let named = Named::of(batch);
        let accounts = batch.iter().map(|posting| posting.account);
        let known = accounts.filter(|account| self.balances.contains_key(account));
        let load = |account| (account, self.load(account, Some(first), batch, now, &named).into());
        let set = WorkingSet { accounts: known.map(load).collect(), business_keys: BTreeSet::new() };
        !set.accounts_needing_full_load(batch, now).is_empty()
    }

    /// The account's live grants and open holds.
    pub(super) fn everything(&self, account: AccountId) -> Loaded {
        let live = self.grants_of(account).filter(|grant| grant.is_live()).cloned();
        Loaded {
            grants: live.collect(),
            holds: self.open_holds(account).cloned().collect(),
            carried: self.held_carries(account, self.open_holds(account)),
            ..Loaded::new(self.balances[&account].clone())
        }
    }

    fn load(
        &self,
        account: AccountId,
        first: Option<usize>,
        batch: &[Posting],
        now: Timestamp,
        named: &Named,
    ) -> Loaded {
        let named = &self.with_usages(account, named);
        let mut loaded = self.everything(account);
        let asked: Vec<Hold> =
            of(account, &named.holds).filter_map(|id| self.holds.get(&id).cloned()).collect();
        let mut holds: Vec<Hold> = asked.into_iter().filter(|hold| hold.account == account).collect();
        if let Some(first) = first {
            loaded.grants.sort_by_key(BurnOrder::of);
            let others = self.open_holds(account).any(|open| holds.iter().all(|hold| hold.id != open.id));
            loaded.more = loaded.grants.len() > first || others;
            loaded.grants.truncate(first);
        } else {
            let open = loaded.holds.into_iter().filter(|open| holds.iter().all(|hold| hold.id != open.id));
            holds.extend(open.collect::<Vec<_>>());
        }
        loaded.holds = holds;
        let back = of(account, &named.entries);
        loaded.reversibles = back
            .filter_map(|id| self.entries_of(account).find(|entry| entry.id == id))
            .map(|entry| self.reversible(entry))
            .collect();
        loaded.usages = self.usages_left(account, named);
        loaded.named_grants = self.named_grants(account, named, &loaded);
        let mut carried = self.held_carries(account, loaded.holds.iter());
        let used = loaded.usages.iter().map(|usage| usage.record.meter.clone());
        let meters = of(account, &named.meters).chain(used);
        carried
            .extend(meters.filter_map(|meter| Some((meter.clone(), *self.carried.get(&(account, meter))?))));
        loaded.carried = carried;
        let one = BTreeMap::from([(account, loaded)]);
        let keys = named.month_keys(batch, now, &one);
        let [(_, mut loaded)] = <[_; 1]>::try_from(one.into_iter().collect::<Vec<_>>()).unwrap();
        // Nothing but what is asked for: a counter that was not loaded would begin at 0.
        let counted = |place: (AccountId, MonthKey)| Some((place.1.clone(), *self.months.get(&place)?));
        loaded.months = keys.into_iter().filter_map(counted).collect();
        let own = batch.iter().filter(|posting| posting.account == account);
        let keys: BTreeSet<_> = own.map(|posting| (account, posting.key.clone())).collect();
        loaded.recorded = keys.iter().filter_map(|key| self.postings.get(key).cloned()).collect();
        loaded
    }

    /// The grants that are named, that loaded holds have pinned, or that entries to give back drew on.
    fn named_grants(&self, account: AccountId, named: &Named, loaded: &Loaded) -> Vec<Grant> {
        let pinned = loaded.holds.iter().flat_map(|hold| &hold.slices).map(|slice| slice.grant);
        let drawn = loaded.reversibles.iter().flat_map(|entry| &entry.parts).map(|(grant, _)| *grant);
        let wanted: BTreeSet<GrantId> = of(account, &named.grants).chain(pinned).chain(drawn).collect();
        wanted
            .into_iter()
            .filter_map(|id| self.grants.get(&id))
            .filter(|grant| grant.account == account)
            .cloned()
            .collect()
    }

    /// What is carried of the meters that `holds` are for.
    fn held_carries<'a>(
        &self,
        account: AccountId,
        holds: impl Iterator<Item = &'a Hold>,
    ) -> Vec<(String, Carry)> {
        let meters = holds.flat_map(|hold| &hold.usages).map(|held| held.tariff.meter.clone());
        meters.filter_map(|meter| Some((meter.clone(), *self.carried.get(&(account, meter))?))).collect()
    }

    /// What is named, with the entries that paid for the usage and the holds that it was captured from.
    fn with_usages(&self, account: AccountId, named: &Named) -> Named {
        let mut named = named.clone();
        for usage in self.usages_of(account).filter(|usage| named.usages.contains(&(account, usage.id))) {
            let entry = usage.entry.map(|seq| self.entries[&(account, seq)].id);
            named.entries.extend(entry.map(|entry| (account, entry)));
        }
        for usage in self.usages_of(account) {
            if self.wants(&named, usage) {
                named.holds.extend(usage.hold.map(|hold| (account, hold)));
            }
        }
        named
    }

    fn usages_left(&self, account: AccountId, named: &Named) -> Vec<UsageLeft> {
        let wanted = self.usages_of(account).filter(|usage| self.wants(named, usage));
        let left = |usage: &UsageRecord| {
            let back = self.usages_of(account).filter(|back| back.returns == Some(usage.number));
            UsageLeft::of(usage.clone(), back)
        };
        wanted.map(left).collect()
    }

    fn wants(&self, named: &Named, usage: &UsageRecord) -> bool {
        let entry = usage.entry.map(|seq| self.entries[&(usage.account, seq)].id);
        named.usages.contains(&(usage.account, usage.id))
            || entry.is_some_and(|entry| named.entries.contains(&(usage.account, entry)))
    }

    fn reversible(&self, entry: &Entry) -> Reversible {
        let account = entry.account;
        let drawn: Vec<_> = self.parts_at(account, entry.seq).copied().collect();
        let own = self.debts_of(account).filter(|debt| debt.seq == entry.seq && debt.grant.is_none());
        let owed = Credits::sum(own.map(|debt| debt.amount)).unwrap();
        let back = self.entries_of(account).filter(|back| back.reverses == Some(entry.seq));
        let returned = Credits::sum(back.map(|back| back.amount)).unwrap();
        Reversible::of((entry.id, entry.seq, entry.kind.clone()), &drawn, owed, returned)
    }

    fn open_holds(&self, account: AccountId) -> impl Iterator<Item = &Hold> {
        self.holds_of(account).filter(|hold| hold.state == HoldState::Open)
    }

    /// Those of the batch's business facts that have granted before, on whatever account.
    fn facts(&self, batch: &[Posting]) -> BTreeSet<BusinessKey> {
        let commands = batch.iter().flat_map(|posting| &posting.commands);
        let asked: BTreeSet<_> = commands
            .filter_map(|command| match command {
                Command::Grant(grant) => Some(&grant.business_key),
                _ => None,
            })
            .collect();
        let kept = self.grants.values().map(|grant| &grant.business_key);
        kept.filter(|fact| asked.contains(fact)).cloned().collect()
    }
}

/// What is named of one account.
fn of<T: Clone>(account: AccountId, named: &BTreeSet<(AccountId, T)>) -> impl Iterator<Item = T> {
    named.iter().filter(move |(owner, _)| *owner == account).map(|(_, what)| what.clone())
}
