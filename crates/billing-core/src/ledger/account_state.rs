//! The state of one account during a decision.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rust_decimal::Decimal;

use super::change::{Change, Subject};
use super::{Balance, BurnOrder, Carry, Grant, Hold, RecordedPosting, Reversible, UsageLeft};
use crate::catalog::MonthKey;
use crate::values::{Credits, EntryId, GrantId, HoldId, PostingKey, Timestamp, UsageId, Zone};

/// One account as loaded by a store under its lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountState {
    /// The balance row.
    pub balance: Balance,
    /// The loaded grants, live or requested by id.
    grants: BTreeMap<GrantId, Arc<Grant>>,
    /// The live grants in burn order.
    burn: BTreeSet<BurnOrder>,
    /// The loaded holds, open or requested by id.
    holds: BTreeMap<HoldId, Hold>,
    /// The next changes by time.
    changes: BTreeSet<Change>,
    /// The reversible rest of the entries that the batch reverses.
    reversibles: BTreeMap<EntryId, Reversible>,
    /// The reversible rest of the usage that the batch reverses.
    usages: BTreeMap<UsageId, UsageLeft>,
    /// The carries by meter.
    carried: BTreeMap<String, Carry>,
    /// The time zone of its months.
    pub(super) zone: Zone,
    /// The units used in a month, by counter.
    months: BTreeMap<MonthKey, Decimal>,
    /// The recorded postings under the batch's keys.
    recorded: BTreeMap<PostingKey, Arc<RecordedPosting>>,
    /// How much of the account is loaded.
    extent: Extent,
}

/// How much of an account is loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Extent {
    /// Every live grant and open hold.
    Whole,
    /// The first grants in burn order, with this many spendable credits, and the requested holds.
    First(Credits),
}

/// Everything that a store loads of one account.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The balance row.
    pub balance: Balance,
    /// The live grants, or the first of them in burn order.
    pub grants: Vec<Grant>,
    /// Whether there are more live grants or open holds.
    pub more: bool,
    /// Grants that the batch requests by id or that its holds have pinned; they may be among `grants`.
    pub named_grants: Vec<Grant>,
    /// The open holds, or those that the batch requests by id.
    pub holds: Vec<Hold>,
    /// The reversible rest of the entries that the batch reverses.
    pub reversibles: Vec<Reversible>,
    /// The reversible rest of usage: of the usage that the batch names, and of all usage that the entries in
    /// `reversibles` paid for.
    pub usages: Vec<UsageLeft>,
    /// The carries of the meters of the batch, of `usages` and of `holds`.
    pub carried: Vec<(String, Carry)>,
    /// The time zone of the account's months; needed if [`Named::monthly`](super::Named) contains the account.
    pub zone: Zone,
    /// The units used at [`Named::month_keys`](super::Named::month_keys).
    pub months: Vec<(MonthKey, Decimal)>,
    /// The recorded postings under the batch's keys.
    pub recorded: Vec<RecordedPosting>,
}

impl Loaded {
    /// An account of which only the balance row is loaded.
    pub fn new(balance: Balance) -> Self {
        Self {
            balance,
            grants: Vec::new(),
            more: false,
            named_grants: Vec::new(),
            holds: Vec::new(),
            reversibles: Vec::new(),
            usages: Vec::new(),
            carried: Vec::new(),
            zone: Zone::UTC,
            months: Vec::new(),
            recorded: Vec::new(),
        }
    }
}

impl From<Loaded> for AccountState {
    fn from(loaded: Loaded) -> Self {
        let first =
            loaded.grants.iter().fold(0_i64, |sum, grant| sum.saturating_add(grant.spendable().get()));
        let extent = if loaded.more { Extent::First(Credits::new(first)) } else { Extent::Whole };
        let mut state = Self {
            balance: loaded.balance,
            grants: BTreeMap::new(),
            burn: BTreeSet::new(),
            holds: BTreeMap::new(),
            changes: BTreeSet::new(),
            reversibles: loaded.reversibles.into_iter().map(|entry| (entry.entry, entry)).collect(),
            usages: loaded.usages.into_iter().map(|usage| (usage.record.id, usage)).collect(),
            carried: loaded.carried.into_iter().collect(),
            zone: loaded.zone,
            months: loaded.months.into_iter().collect(),
            recorded: BTreeMap::new(),
            extent,
        };
        for posting in loaded.recorded {
            state.remember(Arc::new(posting));
        }
        for grant in loaded.grants.into_iter().chain(loaded.named_grants) {
            state.put_grant(Arc::new(grant));
        }
        for hold in loaded.holds {
            state.put_hold(hold);
        }
        state
    }
}

impl AccountState {
    /// Adds the rows requested by
    /// [`WorkingSet::accounts_needing_full_load`](super::WorkingSet::accounts_needing_full_load): every live grant and
    /// open hold of the account, and the carries of the holds' meters.
    pub fn complete(&mut self, live: Vec<Grant>, open: Vec<Hold>, carried: Vec<(String, Carry)>) {
        for grant in live {
            self.put_grant(Arc::new(grant));
        }
        for hold in open {
            self.put_hold(hold);
        }
        self.carried.extend(carried);
        self.extent = Extent::Whole;
    }

    /// The state for the next batch, if nobody else writes in between: what a store that loads the same extent would
    /// find, without the rows that only this batch requested.
    #[must_use]
    pub fn at_rest(self) -> Loaded {
        let more = !self.is_whole();
        let Self { balance, mut grants, burn, holds, carried, .. } = self;
        let mut loaded = Loaded::new(balance);
        let live = burn.iter().filter_map(|place| grants.remove(&place.id()));
        loaded.grants.extend(live.map(Arc::unwrap_or_clone));
        loaded.holds.extend(holds.into_values().filter(|hold| hold.next_change_at().is_some()));
        loaded.carried.extend(carried);
        loaded.more = more;
        loaded
    }

    /// The grants that a due change or a spend can still change, in burn order.
    pub fn live_grants(&self) -> impl Iterator<Item = &Grant> {
        self.burn.iter().filter_map(|place| self.grants.get(&place.id())).map(|grant| &**grant)
    }

    /// The loaded open holds.
    pub fn open_holds(&self) -> impl Iterator<Item = &Hold> {
        self.holds.values().filter(|hold| hold.next_change_at().is_some())
    }

    /// Whether all live rows are loaded.
    pub(super) fn is_whole(&self) -> bool {
        self.extent == Extent::Whole
    }

    /// The spendable credits of the loaded grants.
    pub(super) fn loaded_credits(&self) -> Credits {
        match self.extent {
            Extent::Whole => self.balance.buckets.total(),
            Extent::First(credits) => credits,
        }
    }

    pub(super) fn grant(&self, id: GrantId) -> Option<&Grant> {
        self.grants.get(&id).map(|grant| &**grant)
    }

    pub(super) fn hold(&self, id: HoldId) -> Option<&Hold> {
        self.holds.get(&id)
    }

    pub(super) fn reversible(&self, entry: EntryId) -> Option<&Reversible> {
        self.reversibles.get(&entry)
    }

    /// The spend that wrote entry number `seq`.
    pub(super) fn reversible_at(&self, seq: i64) -> Option<&Reversible> {
        self.reversibles.values().find(|spend| spend.seq == seq)
    }

    pub(super) fn usage(&self, id: UsageId) -> Option<&UsageLeft> {
        self.usages.get(&id)
    }

    /// The usage that entry number `seq` paid for, in order.
    pub(super) fn usages_of(&self, seq: i64) -> Vec<UsageLeft> {
        let paid = self.usages.values().filter(|usage| usage.record.entry == Some(seq));
        let mut paid: Vec<_> = paid.cloned().collect();
        paid.sort_by_key(|usage| usage.record.number);
        paid
    }

    pub(super) fn carried(&self, meter: &str) -> Carry {
        self.carried.get(meter).copied().unwrap_or_default()
    }

    /// The posting recorded under `key`.
    pub(super) fn recorded(&self, key: &PostingKey) -> Option<&RecordedPosting> {
        self.recorded.get(key).map(|posting| &**posting)
    }

    pub(super) fn remember(&mut self, posting: Arc<RecordedPosting>) {
        self.recorded.insert(posting.key.clone(), posting);
    }

    /// Stores `grant`, and returns the previous one.
    pub(super) fn put_grant(&mut self, grant: Arc<Grant>) -> Option<Arc<Grant>> {
        let before = self.take_grant(grant.id);
        if grant.is_live() {
            self.burn.insert(BurnOrder::of(&grant));
        }
        self.changes.extend(Change::of_grant(&grant));
        self.grants.insert(grant.id, grant);
        before
    }

    pub(super) fn take_grant(&mut self, id: GrantId) -> Option<Arc<Grant>> {
        let before = self.grants.remove(&id)?;
        self.burn.remove(&BurnOrder::of(&before));
        if let Some(change) = Change::of_grant(&before) {
            self.changes.remove(&change);
        }
        Some(before)
    }

    /// Stores `hold`, and returns the previous one.
    pub(super) fn put_hold(&mut self, hold: Hold) -> Option<Hold> {
        let before = self.take_hold(hold.id);
        self.changes.extend(Change::of_hold(&hold));
        self.holds.insert(hold.id, hold);
        before
    }

    pub(super) fn take_hold(&mut self, id: HoldId) -> Option<Hold> {
        let before = self.holds.remove(&id)?;
        if let Some(change) = Change::of_hold(&before) {
            self.changes.remove(&change);
        }
        Some(before)
    }

    pub(super) fn put_reversible(&mut self, entry: Reversible) -> Option<Reversible> {
        self.reversibles.insert(entry.entry, entry)
    }

    pub(super) fn put_usage(&mut self, usage: UsageLeft) -> Option<UsageLeft> {
        self.usages.insert(usage.record.id, usage)
    }

    /// Sets the carry of `meter`, and returns the previous one.
    pub(super) fn carry(&mut self, meter: &str, carry: Carry) -> Carry {
        self.carried.insert(meter.to_owned(), carry).unwrap_or_default()
    }

    /// The units used at `key`.
    pub(super) fn counted(&self, key: &MonthKey) -> Decimal {
        self.months.get(key).copied().unwrap_or_default()
    }

    /// Sets the units used at `key`, and returns the previous number.
    pub(super) fn count(&mut self, key: MonthKey, units: Decimal) -> Decimal {
        self.months.insert(key, units).unwrap_or_default()
    }

    /// The next change by time.
    pub(super) fn next_change(&self) -> Option<(Timestamp, Subject)> {
        self.changes.first().map(|change| (change.at, change.subject))
    }

    /// A time before which no change is due.
    pub(super) fn nothing_before(&self) -> Option<Timestamp> {
        let known = self.changes.first().map(|change| change.at);
        match (self.is_whole(), self.balance.next_change_at, known) {
            (false, Some(kept), Some(known)) => Some(kept.min(known)),
            (false, kept, known) => kept.or(known),
            (true, _, known) => known,
        }
    }
}
