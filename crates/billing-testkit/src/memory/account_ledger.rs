//! One account's rows.

use std::collections::BTreeMap;

use billing_core::accounts::Account;
use billing_core::catalog::MonthKey;
use billing_core::ledger::audit::{History, Kept, KeptKey, KeptSettings, Lines};
use billing_core::ledger::{
    Allocation, Balance, BurnOrder, Carry, CheckpointRecord, DebtChange, Entry, Grant, Hold, HoldSeen,
    HoldState, Loaded, Named, RecordedPosting, Reversible, UsageLeft, UsageRecord,
};
use billing_core::values::{AccountId, Credits, Fingerprint, GrantId, HoldId, PostingKey, Timestamp, Zone};
use rust_decimal::Decimal;

/// The number of live grants that are loaded first. Databases load more; a small number makes the full load common
/// here.
const FIRST: usize = 2;

/// One account's rows.
pub(super) struct Ledger {
    pub(super) balance: Balance,
    pub(super) grants: BTreeMap<GrantId, Grant>,
    pub(super) holds: BTreeMap<HoldId, Hold>,
    pub(super) debts: Vec<DebtChange>,
    /// The carries by meter.
    pub(super) carried: BTreeMap<String, Carry>,
    /// The time zone of its months.
    pub(super) zone: Zone,
    /// The units used in a month, by counter.
    pub(super) months: BTreeMap<MonthKey, Decimal>,
    /// By number: the usage with number 1 is the first.
    pub(super) usages: Vec<UsageRecord>,
    /// By number: the entry with number 1 is the first.
    pub(super) entries: Vec<Entry>,
    pub(super) allocations: Vec<Allocation>,
    pub(super) postings: BTreeMap<PostingKey, KeyRow>,
}

/// The stored key; its entries and grants are looked up, as in a database.
pub(super) struct KeyRow {
    fingerprint: Fingerprint,
    available: Credits,
    entries: Vec<i64>,
    usages: Vec<i64>,
    /// With their original ends.
    grants: Vec<(GrantId, Option<Timestamp>)>,
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
            zone: Zone::UTC,
            months: BTreeMap::new(),
            usages: Vec::new(),
            entries: Vec::new(),
            allocations: Vec::new(),
            postings: BTreeMap::new(),
        }
    }

    /// All live rows.
    pub(super) fn whole(&self) -> Loaded {
        let open = self.holds.values().filter(|hold| hold.state == HoldState::Open);
        Loaded {
            grants: self.grants.values().filter(|grant| grant.is_live()).cloned().collect(),
            holds: open.cloned().collect(),
            carried: self.carried.clone().into_iter().collect(),
            ..Loaded::new(self.balance.clone())
        }
    }

    /// The first live grants in burn order, the objects that a batch names, and the postings recorded under `keys`.
    pub(super) fn first(&self, named: &Named, keys: &[&PostingKey]) -> Loaded {
        let account = self.balance.account;
        let mut grants = self.whole().grants;
        grants.sort_by_key(BurnOrder::of);
        let more = grants.len() > FIRST || self.balance.open_holds > 0;
        grants.truncate(FIRST);

        let (named, usages) = (&self.with_usages(named), self.usages_left(&self.with_usages(named)));
        let own_holds = named.holds.iter().filter(|(owner, _)| *owner == account);
        let holds: Vec<Hold> = own_holds.filter_map(|(_, id)| self.holds.get(id).cloned()).collect();
        let reversibles = self.reversibles(named);
        let pinned = holds.iter().flat_map(|hold| &hold.slices).map(|slice| slice.grant);
        let drawn = reversibles.iter().flat_map(|entry| &entry.parts).map(|(grant, _)| *grant);
        let own_grants = named.grants.iter().filter(|(owner, _)| *owner == account).map(|(_, grant)| *grant);
        let wanted = own_grants.chain(pinned).chain(drawn);
        let named_grants = wanted.filter_map(|id| self.grants.get(&id).cloned()).collect();
        let named_meters = named.meters.iter().filter(|(owner, _)| *owner == account);
        let held = holds.iter().flat_map(|hold| &hold.usages).map(|held| &held.tariff.meter);
        let used = usages.iter().map(|usage| &usage.record.meter);
        let meters = named_meters.map(|(_, meter)| meter).chain(held).chain(used);
        let carried = meters.filter_map(|meter| Some((meter.clone(), *self.carried.get(meter)?))).collect();
        Loaded {
            grants,
            more,
            named_grants,
            holds,
            reversibles,
            usages,
            carried,
            zone: self.zone.clone(),
            recorded: keys.iter().filter_map(|key| self.recorded(key)).collect(),
            ..Loaded::new(self.balance.clone())
        }
    }

    pub(super) fn history(&self, checkpoints: &[CheckpointRecord], account: Option<&Account>) -> History {
        let own = |record: &CheckpointRecord| {
            let mut heads = record.heads.iter();
            let head = heads.find(|head| head.account == self.balance.account)?;
            Some((record.copy.checkpoint.number, *head))
        };
        let named = self.postings.iter().filter(|(_, row)| !row.entries.is_empty());
        History {
            kept: Kept {
                balance: self.balance.clone(),
                settings: account.map(KeptSettings::from),
                grants: self.grants.values().cloned().collect(),
                holds: self.holds.values().cloned().collect(),
                debts: self.debts.clone(),
                carries: self.carried.clone(),
                months: self.months.clone(),
                covered: checkpoints.iter().filter_map(own).collect(),
            },
            lines: Lines {
                entries: self.entries.clone(),
                allocations: self.allocations.clone(),
                keys: named.map(|(key, row)| (key.clone(), row.kept())).collect(),
            },
            usages: self.usages.clone(),
        }
    }

    /// The entry with this number.
    pub(super) fn numbered(&self, seq: i64) -> Option<&Entry> {
        self.entries.get(usize::try_from(seq.saturating_sub(1)).ok()?)
    }

    /// The usage with this number.
    pub(super) fn usage_numbered(&self, number: i64) -> Option<&UsageRecord> {
        self.usages.get(usize::try_from(number.saturating_sub(1)).ok()?)
    }

    /// The named objects, with the entries that paid for the usage and the holds that it was captured from.
    fn with_usages(&self, named: &Named) -> Named {
        let mut named = named.clone();
        let by_id = self.usages.iter().filter(|usage| named.usages.contains(&(usage.account, usage.id)));
        let paying: Vec<_> = by_id.filter_map(|usage| self.numbered(usage.entry?)).collect();
        named.entries.extend(paying.into_iter().map(|entry| (entry.account, entry.id)));
        let wanted = self.usages.iter().filter(|usage| self.wants(&named, usage));
        let holds: Vec<_> = wanted.filter_map(|usage| Some((usage.account, usage.hold?))).collect();
        named.holds.extend(holds);
        named
    }

    fn usages_left(&self, named: &Named) -> Vec<UsageLeft> {
        let left = |usage: &UsageRecord| {
            let back = self.usages.iter().filter(|back| back.returns == Some(usage.number));
            UsageLeft::of(usage.clone(), back)
        };
        self.usages.iter().filter(|usage| self.wants(named, usage)).map(left).collect()
    }

    fn wants(&self, named: &Named, usage: &UsageRecord) -> bool {
        let entry = usage.entry.and_then(|seq| self.numbered(seq));
        named.usages.contains(&(usage.account, usage.id))
            || entry.is_some_and(|entry| named.entries.contains(&(entry.account, entry.id)))
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
            usages: row.usages.iter().filter_map(|number| self.usage_numbered(*number).cloned()).collect(),
            grants: row
                .grants
                .iter()
                .filter_map(|(id, expires_at)| {
                    Some(Grant { expires_at: *expires_at, ..self.grants.get(id)?.clone() })
                })
                .collect(),
            holds: row.holds.clone(),
        })
    }
}

impl KeyRow {
    fn kept(&self) -> KeptKey {
        let ends = self.entries.first().copied().zip(self.entries.last().copied());
        KeptKey { fingerprint: self.fingerprint, entries: ends.unwrap_or((1, 0)) }
    }

    pub(super) fn of(posting: &RecordedPosting) -> Self {
        Self {
            fingerprint: posting.fingerprint,
            available: posting.available,
            entries: posting.entries.iter().map(|entry| entry.seq).collect(),
            usages: posting.usages.iter().map(|usage| usage.number).collect(),
            grants: posting.grants.iter().map(|grant| (grant.id, grant.expires_at)).collect(),
            holds: posting.holds.clone(),
        }
    }
}
