//! One account's rows.

use std::collections::BTreeMap;

use billing_core::ledger::audit::{History, Kept, Lines};
use billing_core::ledger::{
    Allocation, Balance, BurnOrder, DebtChange, Entry, Grant, Hold, HoldSeen, HoldState, Loaded, Named,
    RecordedPosting, Reversible,
};
use billing_core::values::{AccountId, Credits, Fingerprint, GrantId, HoldId, PostingKey};

/// How many live grants are loaded at first. A database loads more; few make the rare case common here.
const FIRST: usize = 2;

/// One account's rows.
pub(super) struct Ledger {
    pub(super) balance: Balance,
    pub(super) grants: BTreeMap<GrantId, Grant>,
    pub(super) holds: BTreeMap<HoldId, Hold>,
    pub(super) debts: Vec<DebtChange>,
    /// Millionths of a credit, by meter.
    pub(super) carried: BTreeMap<String, u32>,
    /// By number: the entry with number 1 is the first.
    pub(super) entries: Vec<Entry>,
    pub(super) allocations: Vec<Allocation>,
    pub(super) postings: BTreeMap<PostingKey, KeyRow>,
}

/// What is kept of a key; its entries and grants are looked up, as in a database.
pub(super) struct KeyRow {
    fingerprint: Fingerprint,
    available: Credits,
    entries: Vec<i64>,
    grants: Vec<GrantId>,
    holds: Vec<HoldSeen>,
}

impl Ledger {
    pub(super) fn empty(account: AccountId) -> Self {
        Self {
            balance: Balance::empty(account),
            grants: BTreeMap::new(),
            holds: BTreeMap::new(),
            debts: Vec::new(),
            carried: BTreeMap::new(),
            entries: Vec::new(),
            allocations: Vec::new(),
            postings: BTreeMap::new(),
        }
    }

    /// Everything live.
    pub(super) fn whole(&self) -> Loaded {
        let open = self.holds.values().filter(|hold| hold.state == HoldState::Open);
        Loaded {
            grants: self.grants.values().filter(|grant| grant.is_live()).cloned().collect(),
            holds: open.cloned().collect(),
            ..Loaded::new(self.balance.clone())
        }
    }

    /// The first live grants in burn order, what a batch names, and what is recorded under `keys`.
    pub(super) fn first(&self, named: &Named, keys: &[&PostingKey]) -> Loaded {
        let account = self.balance.account;
        let mut grants = self.whole().grants;
        grants.sort_by_key(BurnOrder::of);
        let more = grants.len() > FIRST || self.balance.held > Credits::ZERO;
        grants.truncate(FIRST);

        let own_holds = named.holds.iter().filter(|(owner, _)| *owner == account);
        let holds: Vec<Hold> = own_holds.filter_map(|(_, id)| self.holds.get(id).cloned()).collect();
        let reversibles = self.reversibles(named);
        let pinned = holds.iter().flat_map(|hold| &hold.slices).map(|slice| slice.grant);
        let drawn = reversibles.iter().flat_map(|entry| &entry.parts).map(|(grant, _)| *grant);
        let own_grants = named.grants.iter().filter(|(owner, _)| *owner == account).map(|(_, grant)| *grant);
        let wanted = own_grants.chain(pinned).chain(drawn);
        let named_grants = wanted.filter_map(|id| self.grants.get(&id).cloned()).collect();
        let meters = named.meters.iter().filter(|(owner, _)| *owner == account);
        let carried = meters.filter_map(|(_, meter)| Some((meter.clone(), *self.carried.get(meter)?)));
        Loaded {
            grants,
            more,
            named_grants,
            holds,
            reversibles,
            carried: carried.collect(),
            recorded: keys.iter().filter_map(|key| self.recorded(key)).collect(),
            ..Loaded::new(self.balance.clone())
        }
    }

    pub(super) fn history(&self) -> History {
        History {
            kept: Kept {
                balance: self.balance.clone(),
                grants: self.grants.values().cloned().collect(),
                holds: self.holds.values().cloned().collect(),
                debts: self.debts.clone(),
            },
            lines: Lines { entries: self.entries.clone(), allocations: self.allocations.clone() },
        }
    }

    /// The entry with this number.
    pub(super) fn numbered(&self, seq: i64) -> Option<&Entry> {
        self.entries.get(usize::try_from(seq.saturating_sub(1)).ok()?)
    }

    fn reversibles(&self, named: &Named) -> Vec<Reversible> {
        let wanted = |entry: &&Entry| named.entries.contains(&(entry.account, entry.id));
        let reversible = |entry: &Entry| {
            let drawn = self.allocations.iter().filter(|part| part.seq == entry.seq).copied();
            let own = self.debts.iter().filter(|debt| debt.seq == entry.seq && debt.grant.is_none());
            let back = self.entries.iter().filter(|back| back.reverses == Some(entry.seq));
            let owed = Credits::sum(own.map(|debt| debt.amount)).unwrap_or_default();
            let returned = Credits::sum(back.map(|back| back.amount)).unwrap_or_default();
            let drawn: Vec<_> = drawn.collect();
            Reversible::of((entry.id, entry.seq, entry.kind.clone()), &drawn, owed, returned)
        };
        self.entries.iter().filter(wanted).map(reversible).collect()
    }

    fn recorded(&self, key: &PostingKey) -> Option<RecordedPosting> {
        let row = self.postings.get(key)?;
        let entry = |seq: &i64| self.numbered(*seq).cloned();
        Some(RecordedPosting {
            key: key.clone(),
            account: self.balance.account,
            fingerprint: row.fingerprint,
            available: row.available,
            entries: row.entries.iter().filter_map(entry).collect(),
            grants: row.grants.iter().filter_map(|id| self.grants.get(id).cloned()).collect(),
            holds: row.holds.clone(),
        })
    }
}

impl KeyRow {
    pub(super) fn of(posting: &RecordedPosting) -> Self {
        Self {
            fingerprint: posting.fingerprint,
            available: posting.available,
            entries: posting.entries.iter().map(|entry| entry.seq).collect(),
            grants: posting.grants.iter().map(|grant| grant.id).collect(),
            holds: posting.holds.clone(),
        }
    }
}
