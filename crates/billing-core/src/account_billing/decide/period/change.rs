//! What was paid for a change in mid period.

use super::paid::Paid;
use super::{Claim, Decided, claim, noted, terms};
use crate::account_billing::Outcome;
use crate::catalog::{ChangePolicy, MonthlyShare, Plan, period_grants};
use crate::payments::{Covered, MidPeriodChange, MonthlyNet, PaidLine, Payment};
use crate::values::{Credits, Money, Period};

/// What prorations change: they are noted as what paid for the rest of the period, and where the new plan's policy is to
/// prorate, with how much the rest of each month is worth more or less.
pub(super) fn decided(paid: &Paid<'_>, lines: &[(&PaidLine, &Plan)]) -> Result<Decided, Outcome> {
    let Some((line, plan)) = lines.iter().rfind(|(line, _)| !line.gives_back) else {
        return Err(Outcome::Nothing("nothing of a plan's was changed to"));
    };
    let contains = |period: &Period| period.start <= line.period.start && line.period.start < period.end;
    // A fresh period begins within the one before; then it is the one that counts.
    let periods = paid.others().filter_map(Payment::whole_period).filter(contains);
    let Some(covering) = periods.max_by_key(|period| period.start) else {
        return Err(Outcome::Unknown("the period in which the change was made is not known yet"));
    };
    let claim = claim(paid)?;
    let mut nets = if claim == Claim::Duplicate { Vec::new() } else { nets(lines, covering) };
    let prorates = terms(paid, plan, None).change_policy == ChangePolicy::Prorate;
    // What is worth less always counts, or changing back would bring the same difference again.
    nets.retain(|net| prorates || net.net < 0);
    Ok(note(paid, claim, (line, plan), nets))
}

/// What a payment changes whose provider does not say what it was for, and whose period was paid for before: it is noted,
/// and credits stay as they are until the renewal.
pub(super) fn unclear(paid: &Paid<'_>, line: (&PaidLine, &Plan)) -> Decided {
    note(paid, Claim::Grants, line, Vec::new())
}

fn note(paid: &Paid<'_>, claim: Claim, (line, plan): (&PaidLine, &Plan), nets: Vec<MonthlyNet>) -> Decided {
    let credits_interval = plan.credits_interval;
    let covers = Covered {
        subscription: paid.fact.subscription.clone(),
        period: line.period,
        plan: plan.id,
        brings: Vec::new(),
        change: Some(MidPeriodChange { credits_interval, nets }),
    };
    let amount = paid.fact.paid.unwrap_or(Money::new(0, plan.currency));
    Decided { claim, payment: noted(paid, None, amount, covers), order: None }
}

/// What the rest of each month of `covering` is worth more, or less, than before: the new plans' part rounded down, the
/// old ones' up.
fn nets(lines: &[(&PaidLine, &Plan)], covering: Period) -> Vec<MonthlyNet> {
    let Some(interval) = lines.first().map(|(_, plan)| plan.credits_interval) else { return Vec::new() };
    // A plan whose credits come monthly has no part of one whose credits come at once.
    if lines.iter().any(|(_, plan)| plan.credits_interval != interval) {
        return Vec::new();
    }
    let shares = period_grants(covering, interval).into_iter();
    let net = |share: MonthlyShare| {
        let month = Period { start: share.effective_at, end: share.ends_at };
        let parts =
            lines.iter().map(|(line, plan)| part(plan.terms().times(line.quantity).credits, line, month));
        let net = parts.fold(0_i64, i64::saturating_add);
        (net != 0).then_some(MonthlyNet { month: share.month, net })
    };
    shares.filter_map(net).collect()
}

/// The part of a month's credits that a line's period pays for, or gives back.
fn part(credits: Credits, line: &PaidLine, month: Period) -> i64 {
    let start = line.period.start.max(month.start).micros();
    let end = line.period.end.min(month.end).micros();
    let (rest, whole) = (
        i128::from(end.saturating_sub(start).max(0)),
        i128::from(month.end.micros().saturating_sub(month.start.micros()).max(1)),
    );
    let exact = i128::from(credits.get()).saturating_mul(rest);
    let part = if line.gives_back {
        exact.saturating_add(whole).saturating_sub(1).checked_div(whole).map(i128::saturating_neg)
    } else {
        exact.checked_div(whole)
    };
    part.and_then(|part| i64::try_from(part).ok()).unwrap_or(0)
}
