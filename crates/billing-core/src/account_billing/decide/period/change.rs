//! What a change in mid period does to credits.

use super::paid::Paid;
use super::{Claim, Decided, claim, noted, terms};
use crate::account_billing::entitlement::{Entitlement, change_key};
use crate::account_billing::{AccountBilling, Context, Outcome};
use crate::catalog::{ChangePolicy, MonthlyShare, Plan, RolloverMode, period_grants};
use crate::ledger::{Command, GrantCredits, Origin, Source, business_keys};
use crate::payments::{Covered, MidPeriodChange, MonthlyNet, PaidLine, PaidPeriod, Payment};
use crate::values::{Credits, Money, PaymentId, Period};

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

/// Grants what a change is worth. It is the most that all changes of the period were ever worth together, so that
/// changing to and fro brings nothing.
pub(super) fn grant(billing: &mut AccountBilling, id: PaymentId, fact: &PaidPeriod, context: &Context<'_>) {
    let Some(payment) = billing.payments.iter().find(|payment| payment.id == id) else { return };
    let Some(covered) = &payment.covers else { return };
    let months = covered.change.iter().flat_map(|change| &change.nets).map(|net| net.month);
    let grants: Vec<_> =
        months.filter_map(|month| month_grant(billing, payment, covered, month, fact, context)).collect();
    for grant in grants {
        let key = grant.business_key.clone();
        billing.post(&key, &context.source.actor, vec![Command::Grant(grant)]);
        if let Some(payment) = billing.payments.iter_mut().find(|payment| payment.id == id) {
            payment.grants_for([key]);
        }
    }
}

/// What this change grants for `month`.
fn month_grant(
    billing: &AccountBilling,
    payment: &Payment,
    covered: &Covered,
    month: u32,
    fact: &PaidPeriod,
    context: &Context<'_>,
) -> Option<GrantCredits> {
    let (channel, now) = (context.source.channel, context.now);
    let entitlement = Entitlement::of(billing, channel, &fact.subscription, context.policy);
    let (plan, covering) = (billing.plan(covered.plan)?, entitlement.covering(covered)?);
    let key = change_key(payment, covered, month)?;
    if payment.grant_keys.contains(&key) {
        return None;
    }
    let shares = period_grants(covering, covered.change.as_ref()?.credits_interval);
    let last = shares.last().is_some_and(|share| share.month == month);
    let share = shares.into_iter().find(|share| share.month == month)?;
    let changes = || {
        let all = billing.payments_for(channel, &fact.subscription);
        all.filter_map(|other| change_in(other, covering).map(|(covered, change)| (other, covered, change)))
    };
    let mut known: Vec<_> =
        changes().map(|(_, covered, change)| (covered.period.start, net_of(&change.nets, month))).collect();
    known.sort_unstable();
    // By the key of its month: what was told late counts from when it was told.
    let of_month =
        |text: &str| text.starts_with(business_keys::CHANGE) && text.ends_with(&format!(":{month}"));
    let keys: Vec<_> = changes().flat_map(|(other, ..)| &other.grant_keys).collect();
    let earlier = billing
        .grants
        .iter()
        .filter(|grant| keys.contains(&&grant.business_key) && of_month(grant.business_key.as_str()));
    let granted = earlier.fold(0_i64, |sum, grant| sum.saturating_add(grant.amount.get()));
    let amount = most(known.into_iter().map(|(_, net)| net)).saturating_sub(granted);
    let ends_at = entitlement.share_ends(payment, covering, &share, last).at();
    let effective_at = share.effective_at.max(covered.period.start);
    let known = billing.subscription(channel, &fact.subscription);
    let terms = known.filter(|known| known.plan == plan.id).map_or_else(|| plan.terms(), |known| known.terms);
    // What the plan lets stay stays, whatever paid for it.
    let keeps = terms.rollover.mode == RolloverMode::Keep;
    let counts = amount > 0 && (keeps || ends_at > effective_at.max(now));
    counts.then(|| GrantCredits {
        effective_at: Some(effective_at),
        expires_at: (!keeps).then_some(ends_at),
        origin: Origin { order: None, subscription: known.map(|known| known.id) },
        ..GrantCredits::new(Credits::new(amount), Source::Plan, key, format!("Change: {}", plan.name))
    })
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

/// The change that `other` paid for, if it was made in `covering`.
fn change_in(other: &Payment, covering: Period) -> Option<(&Covered, &MidPeriodChange)> {
    let covered = other.covers.as_ref()?;
    let within = covering.start <= covered.period.start && covered.period.start < covering.end;
    covered.change.as_ref().filter(|_| within).map(|change| (covered, change))
}

fn net_of(nets: &[MonthlyNet], month: u32) -> i64 {
    nets.iter().find(|net| net.month == month).map_or(0, |net| net.net)
}

/// The most that `nets`, one after the other, ever came to; at least nothing.
fn most(nets: impl Iterator<Item = i64>) -> i64 {
    let sums = nets.scan(0_i64, |sum, net| {
        *sum = sum.saturating_add(net);
        Some(*sum)
    });
    sums.max().unwrap_or(0).max(0)
}
