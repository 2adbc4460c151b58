//! Payments for mid-period changes.

use super::paid::Paid;
use super::{Claim, Decided, claim, noted, terms};
use crate::account_billing::Outcome;
use crate::catalog::{ChangePolicy, Plan};
use crate::payments::{Covered, MidPeriodChange, PaidLine, PaidPeriods, PeriodReason, ProratedPart};
use crate::values::{Money, Period, PlanId};

/// Records an invoice of prorations alone as the payment for the rest of the period.
pub(super) fn decided(paid: &Paid<'_>) -> Result<Decided, Outcome> {
    let lines = paid.prorations();
    if !lines.iter().any(|(line, _)| !line.gives_back) {
        return Err(Outcome::Nothing("no line pays for a plan"));
    }
    let Some(change) = change(paid) else { return Err(Outcome::Nothing("no line pays for a plan")) };
    // A first invoice may pay for the rest of a calendar month, which no whole period covers.
    let is_known = PaidPeriods::of(paid.others()).covering(change.rest).is_some();
    if !is_known && paid.fact.reason != PeriodReason::Create {
        return Err(Outcome::Unknown("the period in which the change was made is not known yet"));
    }
    let claim = claim(paid)?;
    Ok(note(paid, claim, (change.plan, change.rest), change))
}

/// Records a payment without a billing reason for a period that was paid before: credits stay as they are until the
/// renewal.
pub(super) fn unclear(paid: &Paid<'_>, (line, plan): (&PaidLine, &Plan)) -> Decided {
    let change = MidPeriodChange {
        plan: plan.id,
        rest: line.period,
        credits_interval: plan.credits_interval,
        prorates: false,
        parts: Vec::new(),
    };
    note(paid, Claim::Grants, (plan.id, line.period), change)
}

/// The change that the prorations show; none if there are none.
pub(super) fn change(paid: &Paid<'_>) -> Option<MidPeriodChange> {
    let lines = paid.prorations();
    let (line, plan) = lines.iter().rfind(|(line, _)| !line.gives_back).or(lines.last())?;
    // Monthly credits and upfront credits cannot be prorated against each other.
    let is_like = lines.iter().all(|(_, other)| other.credits_interval == plan.credits_interval);
    let part = |(line, plan): &(&PaidLine, &Plan)| ProratedPart {
        credits: plan.terms().times(line.quantity).credits,
        period: line.period,
        gives_back: line.gives_back,
    };
    Some(MidPeriodChange {
        plan: plan.id,
        rest: line.period,
        credits_interval: plan.credits_interval,
        prorates: terms(paid, plan, None).change_policy == ChangePolicy::Prorate,
        parts: if is_like { lines.iter().map(part).collect() } else { Vec::new() },
    })
}

fn note(paid: &Paid<'_>, claim: Claim, (plan, period): (PlanId, Period), change: MidPeriodChange) -> Decided {
    let covers = Covered {
        subscription: paid.fact.subscription.clone(),
        period,
        plan,
        brings: Vec::new(),
        change: Some(change),
        grace: None,
    };
    let currency = paid.billing.plan(plan).map(|plan| plan.currency);
    let amount = paid.fact.paid.or_else(|| Some(Money::new(0, currency?)));
    Decided { claim, payment: amount.and_then(|amount| noted(paid, None, amount, covers)), order: None }
}
