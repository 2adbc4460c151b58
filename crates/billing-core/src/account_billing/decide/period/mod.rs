//! What a paid period changes.

mod change;
mod grants;
mod paid;
mod renewal;

use crate::account_billing::{AccountBilling, Context, Outcome};
use crate::catalog::{Interval, Plan};
use crate::ledger::{Command, GrantCredits, business_keys};
use crate::orders::{Order, OrderRefs};
use crate::payments::{Covered, NewPayment, PaidLine, PaidPeriod, Payment, PeriodReason};
use crate::subscriptions::{SubscriptionRef, SubscriptionRole, SubscriptionSlot};
use crate::values::{Money, OrderId};

use paid::Paid;

/// What a paid period changes: each line that is not a proration, and whose price is a plan's, grants the plan's credits
/// once, and ends those of the period before. A first period also completes the order.
///
/// Of a subscription that was begun beside a live one, the money is noted, and nothing granted.
pub(super) fn decide(billing: &mut AccountBilling, fact: &PaidPeriod, context: &Context<'_>) -> Outcome {
    if let Some(why) = fact.ignored() {
        return Outcome::Nothing(why);
    }
    match decided(&Paid { billing, fact, context }) {
        Ok(Decided { claim, grants, ended, payment, order, outcome }) => {
            if claim == Claim::TakesSlot {
                let name = SubscriptionRef::new(context.source.channel, fact.subscription.clone());
                billing.account.active_subscription = Some(name);
            }
            let actor = &context.source.actor;
            // One posting per grant, each under the key of its own fact: another event of the same payment, however late
            // and in whatever order its lines come, finds those that were made and makes those that were not.
            for grant in grants {
                billing.post(&grant.business_key.clone(), actor, vec![Command::Grant(grant)]);
            }
            if let Some((start, commands)) = ended {
                let key = business_keys::period_ended(context.source.channel, &fact.payment, start);
                billing.post(&key, actor, commands);
            }
            if let Some(payment) = payment {
                // More money came for a duplicate whose money had gone back.
                let returned = (payment.version == 0 && claim == Claim::Duplicate)
                    .then(|| billing.subscription(context.source.channel, &fact.subscription).cloned());
                if let Some(mut known) = returned.flatten()
                    && known.role == SubscriptionRole::DuplicateRefunded
                {
                    known.role = SubscriptionRole::Duplicate;
                    billing.put_subscription(known);
                }
                billing.put_payment(payment);
            }
            if let Some(order) = order {
                complete(billing, order, fact, context);
            }
            outcome
        }
        Err(outcome) => outcome,
    }
}

/// What a paid period comes to, where it changes anything.
struct Decided {
    claim: Claim,
    grants: Vec<GrantCredits>,
    ended: Option<renewal::Ended>,
    payment: Option<Payment>,
    order: Option<OrderId>,
    outcome: Outcome,
}

/// What a paid period's subscription may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Claim {
    /// It is the account's own, and grants.
    Grants,
    /// It grants, and is the account's own from now on.
    TakesSlot,
    /// It was begun beside a live one: its money goes back.
    Duplicate,
}

fn decided(paid: &Paid<'_>) -> Result<Decided, Outcome> {
    let fact = paid.fact;
    let lines = paid.priced(fact.lines.iter().filter(|line| !line.proration && !line.free));
    if lines.is_empty() && fact.reason == PeriodReason::Change {
        return change::decided(paid, &paid.priced(fact.lines.iter().filter(|line| line.proration)));
    }
    if lines.is_empty() {
        return Err(Outcome::Unknown("no line's price is a plan's"));
    }
    let again = |line: &PaidLine| paid.others().any(|other| other.overlaps(line.period));
    if let Some(last) = lines.last().filter(|_| fact.reason == PeriodReason::Unclear)
        && lines.iter().any(|(line, _)| again(line))
    {
        return Ok(change::unclear(paid, *last));
    }
    let order = confirmed_order(paid, &lines);
    let claim = claim(paid)?;
    let (mut grants, mut ended) = (Vec::new(), None);
    if claim != Claim::Duplicate {
        grants = lines.iter().flat_map(|(line, plan)| grants::of_line(paid, line, plan, order)).collect();
        ended = renewal::ends_earlier(paid, &lines);
    }
    let outcome = outcome(paid, &lines, claim, &grants);
    let payment = payment(paid, order, &lines, &grants);
    Ok(Decided { claim, grants, ended, payment, order: order.map(|order| order.id), outcome })
}

/// Who may grant; the first one takes the account's slot. What nobody knows yet beside another one that counts waits: its
/// own description says what it is.
fn claim(paid: &Paid<'_>) -> Result<Claim, Outcome> {
    let known = paid.subscription();
    if known.is_some_and(|known| !known.role.is_active()) {
        return Ok(Claim::Duplicate);
    }
    let over = known.is_some_and(|known| known.status.is_final());
    let name = SubscriptionRef::new(paid.channel(), paid.fact.subscription.clone());
    match paid.billing.slot(&name) {
        SubscriptionSlot::Own => Ok(Claim::Grants),
        // It had the slot while it lived.
        _ if over => Ok(Claim::Grants),
        SubscriptionSlot::Free => Ok(Claim::TakesSlot),
        SubscriptionSlot::Taken => Err(Outcome::Unknown("another subscription of the account counts")),
    }
}

/// Money that came for a period which is over by now grants nothing: a person has to say what becomes of it.
fn outcome(paid: &Paid<'_>, lines: &[(&PaidLine, &Plan)], claim: Claim, grants: &[GrantCredits]) -> Outcome {
    let over = |(line, plan): &(&PaidLine, &Plan)| {
        line.period.end <= paid.context.now && !plan.credits_included.is_zero()
    };
    let collected = paid.fact.paid.is_none_or(|paid| paid.minor > 0);
    let known = paid.payment().is_some_and(|known| !known.grant_keys.is_empty());
    if claim != Claim::Duplicate && grants.is_empty() && collected && !known && lines.iter().all(over) {
        return Outcome::NeedsOperator("the period was over before its payment was told: it granted nothing");
    }
    Outcome::Applied
}

/// The row of what paid the period, with what it grants, also where nothing was due: it says that the period is paid for.
fn payment(
    paid: &Paid<'_>,
    order: Option<&Order>,
    lines: &[(&PaidLine, &Plan)],
    grants: &[GrantCredits],
) -> Option<Payment> {
    let (line, plan) = lines.first()?;
    // Where the event does not say what was paid, it is what was agreed.
    let interval = paid.subscription().map_or(Interval::Monthly, |known| known.interval);
    let agreed = || order.map(|order| order.price).or_else(|| plan.price(interval)?.times(line.quantity));
    let amount = paid.fact.paid.or_else(agreed)?;
    let subscription = paid.fact.subscription.clone();
    let covers = Covered { subscription, period: line.period, plan: plan.id, change: None };
    noted(paid, order.map(|order| order.id), (amount, covers), grants)
}

/// The payment that the fact tells of, with the keys of what it grants.
fn noted(
    paid: &Paid<'_>,
    order: Option<OrderId>,
    (amount, covers): (Money, Covered),
    grants: &[GrantCredits],
) -> Option<Payment> {
    if amount.minor < 0 {
        return None;
    }
    let mut payment = paid.payment().cloned().unwrap_or_else(|| {
        let (account, refs) = (paid.billing.account.id, paid.fact.refs.clone());
        let new = NewPayment { account, channel: paid.channel(), refs, paid: amount };
        Payment::new(new, paid.context.ids, paid.context.now)
    });
    payment.refs.learn(&paid.fact.refs);
    payment.collected_at = paid.collected_at();
    payment.order = payment.order.or(order);
    payment.covers = payment.covers.or(Some(covers));
    payment.grants_for(grants.iter().map(|grant| grant.business_key.clone()));
    Some(payment)
}

fn complete(billing: &mut AccountBilling, id: OrderId, fact: &PaidPeriod, context: &Context<'_>) {
    let refs = OrderRefs {
        payment: None,
        subscription: Some(fact.subscription.clone()),
        invoice: Some(fact.payment.clone()),
    };
    if let Some(order) = billing.orders.iter_mut().find(|order| order.id == id) {
        order.complete(&refs, context.now);
    }
}

/// The order that a first period pays: the one that began the subscription, or that is hinted at, if channel and plan are
/// its own and it is not another subscription's.
fn confirmed_order<'a>(paid: &Paid<'a>, lines: &[(&PaidLine, &Plan)]) -> Option<&'a Order> {
    let fact = paid.fact;
    let order = paid.order()?;
    let plan = lines.iter().any(|(_, plan)| order.plan() == Some(plan.id));
    let free = order.refs.subscription.as_ref().is_none_or(|known| *known == fact.subscription);
    let first = match fact.reason {
        PeriodReason::Create => true,
        PeriodReason::Unclear => order.refs.invoice.is_none() && paid.others().next().is_none(),
        _ => false,
    };
    (first && plan && free).then_some(order)
}
