//! Grants: the credits in minus the credits out are the credits left.

use std::collections::{BTreeMap, BTreeSet};

use super::Auditor;
use crate::ledger::{EntryType, Grant, Stage};
use crate::values::{Credits, GrantId};

impl Auditor<'_> {
    /// A grant's entries add up to what is left of it. Only a whole history shows that.
    pub(super) fn check_flows(&mut self) {
        let repaid = self.repaid();
        for grant in &self.kept.grants {
            let flow = self.progress.flows.remove(&grant.id).unwrap_or_default();
            if flow.counted == 0 {
                self.uncounted(grant);
                continue;
            }
            let left = i128::from(grant.remaining.get());
            let repaid = repaid.get(&grant.id).copied().unwrap_or_default();
            let expected = flow.net.saturating_sub(repaid);
            self.expect(expected == left, || {
                format!("{} has {left} left, its entries leave {expected}", grant.id)
            });
            self.expect(i128::from(grant.forfeited.get()) == flow.forfeited, || {
                format!("{} says {} ended unused, entries {}", grant.id, grant.forfeited, flow.forfeited)
            });
            let times = flow.counted;
            self.expect(times == 1 || grant.kind == EntryType::REVERSAL, || {
                format!("{} was counted {times} times", grant.id)
            });
        }
        let strays = self.progress.flows.len();
        self.expect(strays == 0, || format!("entries move {strays} grants that are not there"));
    }

    /// The invariants of every grant by itself.
    pub(super) fn check_grants(&mut self) {
        let pinned = self.pinned();
        let mut facts = BTreeSet::new();
        for grant in &self.kept.grants {
            let expected_pinned = pinned.get(&grant.id).copied().unwrap_or_default();
            self.expect(i128::from(grant.pinned.get()) == expected_pinned, || {
                format!("{} has {} pinned, open holds {expected_pinned}", grant.id, grant.pinned)
            });
            let bounds = [grant.pinned, grant.remaining, grant.amount];
            self.expect(Credits::ZERO <= grant.pinned && bounds.is_sorted(), || {
                format!("{}: 0 ≤ pinned ≤ remaining ≤ amount does not hold: {bounds:?}", grant.id)
            });
            let over = matches!(grant.stage, Stage::Expired | Stage::Voided);
            self.expect(!over || grant.free().is_zero(), || {
                format!("{} is {} with {} credits free", grant.id, grant.stage, grant.free())
            });
            // Not reduced by unused credits: a reversed spend can still expire.
            self.expect((Credits::ZERO..=grant.amount).contains(&grant.clawed), || {
                format!("{} of {} were taken back, {} were given", grant.clawed, grant.id, grant.amount)
            });
            self.expect(facts.insert(&grant.business_key), || {
                format!("`{}` granted twice", grant.business_key.as_str())
            });
        }
    }

    /// A grant whose credits never counted has not started, or was voided before.
    fn uncounted(&mut self, grant: &Grant) {
        let whole = grant.amount.get().saturating_sub(grant.clawed.get());
        let left = match grant.stage {
            Stage::Upcoming => whole,
            _ => 0,
        };
        let gone = whole.saturating_sub(left);
        let fits = grant.remaining.get() == left && grant.forfeited.get() == gone;
        let due = matches!(grant.stage, Stage::Upcoming | Stage::Voided) || whole == 0;
        self.expect(fits && due, || format!("{} is {} but never counted", grant.id, grant.stage));
    }

    /// The debt that each grant repaid.
    fn repaid(&self) -> BTreeMap<GrantId, i128> {
        let mut repaid: BTreeMap<GrantId, i128> = BTreeMap::new();
        for debt in &self.kept.debts {
            if let Some(grant) = debt.grant {
                let sum = repaid.entry(grant).or_default();
                *sum = sum.saturating_sub(i128::from(debt.amount.get()));
            }
        }
        repaid
    }

    /// The credits that open holds have pinned of each grant.
    fn pinned(&self) -> BTreeMap<GrantId, i128> {
        let mut pinned: BTreeMap<GrantId, i128> = BTreeMap::new();
        for slice in self.kept.holds.iter().flat_map(|hold| &hold.slices) {
            let sum = pinned.entry(slice.grant).or_default();
            *sum = sum.saturating_add(i128::from(slice.left.get()));
        }
        pinned
    }
}
