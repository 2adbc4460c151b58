//! The credits of mid-period changes.

use super::{Ends, Entitlement, shares};
use crate::catalog::{MonthlyShare, RolloverMode, period_grants};
use crate::ledger::{Grant, GrantCredits, Origin, Source, business_keys};
use crate::payments::{MidPeriodChange, Payment, WholePeriod};
use crate::values::{BusinessKey, Credits, PaymentId, Period, Timestamp};

/// A mid-period change and the period in which it was made.
#[derive(Clone, Copy)]
struct Change<'a> {
    payment: &'a Payment,
    made: &'a MidPeriodChange,
    covering: WholePeriod<'a>,
}

/// When the credits of a change for one month start, and the share of a period that they end with.
struct ChangeShare<'a> {
    whole: WholePeriod<'a>,
    share: MonthlyShare,
    last: bool,
    effective_at: Timestamp,
}

impl<'a> Entitlement<'a> {
    /// The credits of changes that are not granted yet, each with its payment. Each month of a period grants the
    /// highest value that all changes of the period ever had together, so that alternating between plans grants
    /// nothing.
    pub(super) fn owed_for_changes(&self) -> Vec<(PaymentId, GrantCredits)> {
        let mut changes = self.changes();
        changes.sort_by_key(|one| one.made.rest.start);
        let mut owed: Vec<(Period, PaymentId, GrantCredits)> = Vec::new();
        for one in &changes {
            let covering = one.covering.line.period;
            for month in one.months() {
                let number = month.month;
                let granted = self.granted_for_changes(&changes, covering, number);
                let promised = owed.iter().filter(|(period, _, grant)| {
                    *period == covering && of_month(&grant.business_key, number)
                });
                let granted =
                    promised.fold(granted, |sum, (.., grant)| sum.saturating_add(grant.amount.get()));
                let missing = worth_of_changes(&changes, covering, number).saturating_sub(granted);
                let grant = self.for_change(*one, month, missing);
                owed.extend(grant.map(|grant| (covering, one.payment.id, grant)));
            }
        }
        owed.into_iter().map(|(_, payment, grant)| (payment, grant)).collect()
    }

    /// The changes whose period is known.
    fn changes(&self) -> Vec<Change<'a>> {
        let all = self.payments().filter_map(|payment| {
            let change = payment.covers.as_ref()?.change.as_ref()?;
            Some(Change { payment, made: change, covering: self.periods.covering(change.rest)? })
        });
        all.collect()
    }

    /// The grant of a change for the month, if any of its credits are `missing`.
    fn for_change(&self, one: Change<'_>, month: MonthlyShare, missing: i64) -> Option<GrantCredits> {
        let Change { payment, made: change, .. } = one;
        let mut keys = change_keys(payment, change, month.month);
        let plan = self.billing.plan(change.plan)?;
        let granted = keys.iter().any(|key| payment.grant_keys.contains(key));
        if missing <= 0 || granted || keys.is_empty() || payment.permanently_reversed() > 0 {
            return None;
        }
        let key = keys.swap_remove(0);
        let known = self.subscription();
        let terms =
            known.filter(|known| known.plan == plan.id).map_or_else(|| plan.terms(), |known| known.terms);
        // Credits that the plan keeps do not end, whichever payment granted them.
        let keeps = terms.rollover.mode == RolloverMode::Keep;
        let share = one.share(month);
        let ends = || self.share_ends(payment, share.whole, &share.share, (share.last, false)).at();
        Some(GrantCredits {
            effective_at: Some(share.effective_at),
            expires_at: (!keeps).then(ends),
            origin: Origin { order: None, subscription: known.map(|known| known.id) },
            ..GrantCredits::new(Credits::new(missing), Source::Plan, key, format!("Change: {}", plan.name))
        })
    }

    /// When the credits end that a change of `payment` granted as `grant`.
    pub(super) fn change_ends(&self, payment: &Payment, grant: &Grant) -> Option<Ends> {
        let one = self.changes().into_iter().find(|one| one.payment.id == payment.id)?;
        let is_own =
            |month: &MonthlyShare| change_keys(payment, one.made, month.month).contains(&grant.business_key);
        let share = one.share(one.months().into_iter().find(is_own)?);
        Some(self.share_ends(payment, share.whole, &share.share, (share.last, false)))
    }

    /// The credits granted for a month of `covering`, less the reversed part. The month comes from the key, because a
    /// grant that was reported late starts when it was reported.
    fn granted_for_changes(&self, changes: &[Change<'_>], covering: Period, month: u32) -> i64 {
        let of_period = changes.iter().filter(|one| one.covering.line.period == covering);
        let granted = of_period.flat_map(|one| {
            let own = |grant: &&Grant| {
                one.payment.grant_keys.contains(&grant.business_key) && of_month(&grant.business_key, month)
            };
            let grants = self.billing.grants.iter().filter(own);
            grants.map(|grant| one.payment.kept(grant.amount.get()))
        });
        granted.fold(0_i64, i64::saturating_add)
    }
}

impl<'a> Change<'a> {
    /// The months of the period in which it was made, by the credits interval of the new plan.
    fn months(&self) -> Vec<MonthlyShare> {
        period_grants(self.covering.line.period, self.made.credits_interval)
    }

    /// How many credits more, or less, the rest of a month is worth.
    fn net(&self, month: u32) -> i64 {
        let share = self.months().into_iter().find(|share| share.month == month);
        share.map_or(0, |share| self.made.net(Period { start: share.effective_at, end: share.ends_at }))
    }

    /// The credits for `month` end with the month. If the month was over before the renewal that paid for them, they
    /// can be spent in the first share of the renewal's period.
    fn share(&self, month: MonthlyShare) -> ChangeShare<'a> {
        let own = self.payment.covers.iter().flat_map(|covered| &covered.brings).next();
        let own = own.filter(|line| month.ends_at <= line.period.start.plus_seconds(Period::SLACK_SECONDS));
        if let Some(line) = own
            && let Some((share, last)) = shares(line.period, &line.terms).into_iter().next()
        {
            let whole = WholePeriod { payment: self.payment, line };
            return ChangeShare { whole, share, last, effective_at: share.effective_at };
        }
        let last = self.months().last().is_some_and(|last| last.month == month.month);
        let effective_at = month.effective_at.max(self.made.rest.start);
        ChangeShare { whole: self.covering, share: month, last, effective_at }
    }
}

/// The highest value that the changes of a month of `covering` had together, one after the other; at least zero. The
/// reversed part of a change does not count, and the change away from it does not take that part away either.
fn worth_of_changes(changes: &[Change<'_>], covering: Period, month: u32) -> i64 {
    let of_period = changes.iter().filter(|one| one.covering.line.period == covering);
    let mut nets: Vec<_> = of_period
        .map(|one| {
            let net = one.net(month);
            (one.made.rest.start, net, if net > 0 { one.payment.kept(net) } else { net })
        })
        .collect();
    nets.sort_unstable();
    let (mut sum, mut most, mut went_back) = (0_i64, 0_i64, 0_i64);
    for (_, net, kept) in nets {
        went_back = went_back.saturating_add(net.saturating_sub(kept));
        let undone = kept.saturating_neg().clamp(0, went_back);
        went_back = went_back.saturating_sub(undone);
        sum = sum.saturating_add(kept).saturating_add(undone);
        most = most.max(sum);
    }
    most
}

/// The keys of a change's credits for one month of the period in which it was made, one per reference of the payment.
fn change_keys(payment: &Payment, change: &MidPeriodChange, month: u32) -> Vec<BusinessKey> {
    let key = |name| business_keys::change(payment.channel, name, change.plan, change.rest.start, month);
    payment.refs.names().map(key).collect()
}

fn of_month(key: &BusinessKey, month: u32) -> bool {
    key.as_str().starts_with(business_keys::CHANGE) && key.as_str().ends_with(&format!(":{month}"))
}
