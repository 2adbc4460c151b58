//! What is known of one account while deciding.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rust_decimal::Decimal;

use super::change::{Change, Subject};
use super::{Balance, BurnOrder, Carry, Grant, Hold, RecordedPosting, Reversible, UsageLeft};
use crate::catalog::MonthKey;
use crate::values::{Credits, EntryId, GrantId, HoldId, PostingKey, Timestamp, UsageId, Zone};

/// One account as a store loaded it under its lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountState {
    /// The kept row.
    pub balance: Balance,
    /// The grants that were loaded, live or asked for by id.
    grants: BTreeMap<GrantId, Arc<Grant>>,
    /// Those that are live, in burn order.
    burn: BTreeSet<BurnOrder>,
    /// The holds that were loaded, open or asked for by id.
    holds: BTreeMap<HoldId, Hold>,
    /// When time changes what.
    changes: BTreeSet<Change>,
    /// What could still be given back of the entries that the batch wants to reverse.
    reversibles: BTreeMap<EntryId, Reversible>,
    /// What could still be given back of the usage that the batch wants to reverse.
    usages: BTreeMap<UsageId, UsageLeft>,
    /// What is carried, by meter.
    carried: BTreeMap<String, Carry>,
    /// In which zone its months begin.
    pub(super) zone: Zone,
    /// How many units were used in a month, by where they are counted.
    months: BTreeMap<MonthKey, Decimal>,
    /// Those of the batch's keys that were seen before.
    recorded: BTreeMap<PostingKey, Arc<RecordedPosting>>,
    /// How much of it there is.
    extent: Extent,
}

/// How much of an account was loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Extent {
    /// Every live grant and open hold.
    Whole,
    /// The grants that burn first, with so many credits to spend, and the holds that were asked for.
    First(Credits),
}

/// Everything that a store loads of one account.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The kept row.
    pub balance: Balance,
    /// The live grants, or the first of them in burn order.
    pub grants: Vec<Grant>,
    /// Whether there are live grants or open holds that are not here.
    pub more: bool,
    /// Grants that the batch asks for by id or whose slices its holds have pinned; they may be among
    /// `grants`.
    pub named_grants: Vec<Grant>,
    /// The open holds, or those that the batch asks for by id.
    pub holds: Vec<Hold>,
    /// What can be given back of the entries that the batch wants to reverse.
    pub reversibles: Vec<Reversible>,
    /// What can be given back of usage: of what the batch names, and of all that the entries in `reversibles` paid
    /// for.
    pub usages: Vec<UsageLeft>,
    /// What is carried of the meters of the batch, of `usages` and of `holds`.
    pub carried: Vec<(String, Carry)>,
    /// In which zone the account's months begin; wanted where [`Named::monthly`](super::Named) names the account.
    pub zone: Zone,
    /// How many units were used where [`Named::month_keys`](super::Named::month_keys) says.
    pub months: Vec<(MonthKey, Decimal)>,
    /// What is recorded under the batch's keys.
    pub recorded: Vec<RecordedPosting>,
}

impl Loaded {
    /// An account of which nothing but the kept row was loaded so far.
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
    /// Adds what [`WorkingSet::accounts_needing_full_load`](super::WorkingSet::accounts_needing_full_load) asked for: every live grant and open
    /// hold of the account, and what is carried of the holds' meters.
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

    /// What the next batch has to know of it, if nobody else changes it: what a store that loads as much of it
    /// would find. What this batch alone asked for is left out.
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

    /// The grants that time or a spend can still change, in burn order.
    pub fn live_grants(&self) -> impl Iterator<Item = &Grant> {
        self.burn.iter().filter_map(|place| self.grants.get(&place.id())).map(|grant| &**grant)
    }

    /// The open holds that were loaded.
    pub fn open_holds(&self) -> impl Iterator<Item = &Hold> {
        self.holds.values().filter(|hold| hold.next_change_at().is_some())
    }

    /// Whether everything live was loaded.
    pub(super) fn is_whole(&self) -> bool {
        self.extent == Extent::Whole
    }

    /// What can be spent of what was loaded.
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

    /// What was recorded under `key`.
    pub(super) fn recorded(&self, key: &PostingKey) -> Option<&RecordedPosting> {
        self.recorded.get(key).map(|posting| &**posting)
    }

    pub(super) fn remember(&mut self, posting: Arc<RecordedPosting>) {
        self.recorded.insert(posting.key.clone(), posting);
    }

    /// Puts `grant` in, and answers what stood there before.
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

    /// Puts `hold` in, and answers what stood there before.
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

    /// Sets what is carried of `meter`, and answers what was.
    pub(super) fn carry(&mut self, meter: &str, carry: Carry) -> Carry {
        self.carried.insert(meter.to_owned(), carry).unwrap_or_default()
    }

    /// How many units were used at `key`.
    pub(super) fn counted(&self, key: &MonthKey) -> Decimal {
        self.months.get(key).copied().unwrap_or_default()
    }

    /// Sets how many units were used at `key`, and answers how many were.
    pub(super) fn count(&mut self, key: MonthKey, units: Decimal) -> Decimal {
        self.months.insert(key, units).unwrap_or_default()
    }

    /// What time alone changes next, and when.
    pub(super) fn next_change(&self) -> Option<(Timestamp, Subject)> {
        self.changes.first().map(|change| (change.at, change.subject))
    }

    /// A moment before which time alone changes nothing.
    pub(super) fn nothing_before(&self) -> Option<Timestamp> {
        let known = self.changes.first().map(|change| change.at);
        match (self.is_whole(), self.balance.next_change_at, known) {
            (false, Some(kept), Some(known)) => Some(kept.min(known)),
            (false, kept, known) => kept.or(known),
            (true, _, known) => known,
        }
    }
}
