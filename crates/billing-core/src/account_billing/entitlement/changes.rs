//! What changes in mid period entitle to.

use super::Entitlement;
use crate::catalog::{RolloverMode, period_grants};
use crate::ledger::{GrantCredits, Origin, Source, business_keys};
use crate::payments::{Covered, MidPeriodChange, Payment};
use crate::values::{BusinessKey, Credits, PaymentId, Period};

impl<'a> Entitlement<'a> {
    /// What changes are worth and was not granted yet, each with its payment. For each month of a period it is the most that
    /// all changes of the period were ever worth together, so that changing to and fro brings nothing.
    pub(super) fn owed_for_changes(&self) -> Vec<(PaymentId, GrantCredits)> {
        let mut changes: Vec<_> = self
            .payments()
            .filter_map(|payment| {
                let covered = payment.covers.as_ref()?;
                Some((payment, covered, covered.change.as_ref()?))
            })
            .collect();
        changes.sort_by_key(|(_, covered, _)| covered.period.start);
        let mut owed: Vec<(Period, PaymentId, GrantCredits)> = Vec::new();
        for (payment, covered, change) in changes {
            let Some(covering) = self.covering(covered) else { continue };
            for month in change.nets.iter().map(|net| net.month) {
                let granted = self.granted_for_changes(covering, month);
                let promised = owed
                    .iter()
                    .filter(|(period, _, grant)| *period == covering && of_month(&grant.business_key, month));
                let granted =
                    promised.fold(granted, |sum, (.., grant)| sum.saturating_add(grant.amount.get()));
                let missing = self.worth_of_changes(covering, month).saturating_sub(granted);
                let grant = self.for_change(payment, (covered, change), covering, month, missing);
                owed.extend(grant.map(|grant| (covering, payment.id, grant)));
            }
        }
        owed.into_iter().map(|(_, payment, grant)| (payment, grant)).collect()
    }

    /// What `payment` grants for the month, if `missing` is anything.
    fn for_change(
        &self,
        payment: &Payment,
        (covered, change): (&Covered, &MidPeriodChange),
        covering: Period,
        month: u32,
        missing: i64,
    ) -> Option<GrantCredits> {
        let mut keys = change_keys(payment, covered, month);
        let plan = self.billing.plan(covered.plan)?;
        let granted = keys.iter().any(|key| payment.grant_keys.contains(key));
        if missing <= 0 || granted || keys.is_empty() || payment.permanently_reversed() > 0 {
            return None;
        }
        let key = keys.swap_remove(0);
        let shares = period_grants(covering, change.credits_interval);
        let last = shares.last().is_some_and(|share| share.month == month);
        let share = shares.into_iter().find(|share| share.month == month)?;
        let known = self.subscription();
        let terms =
            known.filter(|known| known.plan == plan.id).map_or_else(|| plan.terms(), |known| known.terms);
        // What the plan lets stay stays, whatever paid for it.
        let keeps = terms.rollover.mode == RolloverMode::Keep;
        let ends = || self.share_ends(payment, covering, &share, (last, false)).at();
        Some(GrantCredits {
            effective_at: Some(share.effective_at.max(covered.period.start)),
            expires_at: (!keeps).then(ends),
            origin: Origin { order: None, subscription: known.map(|known| known.id) },
            ..GrantCredits::new(Credits::new(missing), Source::Plan, key, format!("Change: {}", plan.name))
        })
    }

    /// The changes that were made in `covering`.
    fn changes_in(
        &self,
        covering: Period,
    ) -> impl Iterator<Item = (&'a Payment, &'a Covered, &'a MidPeriodChange)> {
        self.payments().filter_map(move |payment| {
            let covered = payment.covers.as_ref()?;
            let change = covered.change.as_ref()?;
            covering.contains(covered.period.start).then_some((payment, covered, change))
        })
    }

    /// What was granted for a month of `covering`. By the key of its month: what was told late counts from when it was told.
    fn granted_for_changes(&self, covering: Period, month: u32) -> i64 {
        let keys: Vec<_> = self.changes_in(covering).flat_map(|(payment, ..)| &payment.grant_keys).collect();
        let granted = self
            .billing
            .grants
            .iter()
            .filter(|grant| keys.contains(&&grant.business_key) && of_month(&grant.business_key, month));
        granted.fold(0_i64, |sum, grant| sum.saturating_add(grant.amount.get()))
    }

    /// The most that the changes of a month of `covering`, one after the other, ever came to; at least nothing.
    fn worth_of_changes(&self, covering: Period, month: u32) -> i64 {
        let net_of = |change: &MidPeriodChange| {
            change.nets.iter().find(|net| net.month == month).map_or(0, |net| net.net)
        };
        let mut nets: Vec<_> = self
            .changes_in(covering)
            .map(|(_, covered, change)| (covered.period.start, net_of(change)))
            .collect();
        nets.sort_unstable();
        let sums = nets.into_iter().scan(0_i64, |sum, (_, net)| {
            *sum = sum.saturating_add(net);
            Some(*sum)
        });
        sums.max().unwrap_or(0).max(0)
    }
}

/// The keys of what a change brings for one month of the period in which it was made, by each of the payment's names.
pub(super) fn change_keys(payment: &Payment, change: &Covered, month: u32) -> Vec<BusinessKey> {
    let start = change.period.start;
    let key = |name| business_keys::change(payment.channel, name, change.plan, start, month);
    payment.refs.names().map(key).collect()
}

fn of_month(key: &BusinessKey, month: u32) -> bool {
    key.as_str().starts_with(business_keys::CHANGE) && key.as_str().ends_with(&format!(":{month}"))
}
