//! What is known of one account while deciding.

use std::collections::{BTreeMap, BTreeSet};

use super::{Balance, BurnOrder, Grant, RecordedPosting};
use crate::values::{GrantId, PostingKey, Timestamp};

/// One account as a store loaded it under its lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountState {
    /// The kept row.
    pub balance: Balance,
    /// Every live grant, in burn order.
    grants: BTreeMap<BurnOrder, Grant>,
    /// When time changes which of them: at one moment, what ends comes before what begins.
    changes: BTreeSet<(Timestamp, bool, GrantId, BurnOrder)>,
    /// Those of the batch's keys that were seen before.
    recorded: BTreeMap<PostingKey, RecordedPosting>,
}

impl AccountState {
    /// The state made of what a store loaded: the kept row, the account's live grants in any order, and
    /// what is recorded under the keys of the batch.
    pub fn new(
        balance: Balance,
        live: impl IntoIterator<Item = Grant>,
        recorded: impl IntoIterator<Item = RecordedPosting>,
    ) -> Self {
        let grants: BTreeMap<_, _> = live.into_iter().map(|grant| (BurnOrder::of(&grant), grant)).collect();
        Self {
            balance,
            changes: grants.values().filter_map(change).collect(),
            grants,
            recorded: recorded.into_iter().map(|posting| (posting.key.clone(), posting)).collect(),
        }
    }

    /// The grants that time or a spend can still change, in burn order.
    pub fn live_grants(&self) -> impl Iterator<Item = &Grant> {
        self.grants.values()
    }

    /// What was recorded under `key`.
    pub(super) fn recorded(&self, key: &PostingKey) -> Option<&RecordedPosting> {
        self.recorded.get(key)
    }

    /// The account without what is recorded of it: a copy to try a posting on.
    pub(super) fn to_try(&self) -> Self {
        Self {
            balance: self.balance.clone(),
            grants: self.grants.clone(),
            changes: self.changes.clone(),
            recorded: BTreeMap::new(),
        }
    }

    /// Takes over what was tried.
    pub(super) fn keep(&mut self, tried: Self) {
        self.balance = tried.balance;
        self.grants = tried.grants;
        self.changes = tried.changes;
    }

    pub(super) fn remember(&mut self, posting: RecordedPosting) {
        self.recorded.insert(posting.key.clone(), posting);
    }

    /// Puts `grant` in, or in place of what was known of it; leaves it out once it is no longer live.
    pub(super) fn put(&mut self, grant: &Grant) {
        let place = BurnOrder::of(grant);
        let before =
            if grant.live { self.grants.insert(place, grant.clone()) } else { self.grants.remove(&place) };
        if let Some(moment) = before.as_ref().and_then(change) {
            self.changes.remove(&moment);
        }
        self.changes.extend(change(grant));
    }

    /// The moment at which time alone changes the account next, and the grant that it changes: at one
    /// moment, what ends comes before what begins.
    pub(super) fn next_change(&self) -> Option<(Timestamp, &Grant)> {
        let (at, _, _, place) = self.changes.first()?;
        Some((*at, self.grants.get(place)?))
    }
}

/// When time alone changes `grant`, and how that stands among others of the moment.
fn change(grant: &Grant) -> Option<(Timestamp, bool, GrantId, BurnOrder)> {
    Some((grant.next_change_at()?, !grant.activated, grant.id, BurnOrder::of(grant)))
}
