//! What a paid period changes.

mod change;
mod paid;

use crate::account_billing::{AccountBilling, Context, Outcome};
use crate::catalog::{Plan, PlanTerms};
use crate::orders::{Order, OrderItem, OrderRefs};
use crate::payments::{
    Capability, Covered, NewPayment, PaidLine, PaidPeriod, Payment, PeriodReason, PeriodTerms,
};
use crate::subscriptions::{SubscriptionRef, SubscriptionRole, SubscriptionSlot};
use crate::values::{Money, OrderId, Period};

use paid::Paid;

/// What a paid period changes: it is noted as paid, with what each line entitles to that is not a proration and whose
/// price is a plan's; a first period also completes the order. Credits follow from what is noted.
///
/// Of a subscription that was begun beside a live one, the money is noted, and nothing granted.
pub(super) fn decide(billing: &mut AccountBilling, fact: &PaidPeriod, context: &Context<'_>) -> Outcome {
    if let Some(why) = fact.ignored() {
        return Outcome::Nothing(why);
    }
    match decided(&Paid { billing, fact, context }) {
        Ok(Decided { claim, payment, order }) => {
            if claim == Claim::TakesSlot {
                let name = SubscriptionRef::new(context.source.channel, fact.subscription.clone());
                billing.account.active_subscription = Some(name);
            }
            if let Some(payment) = payment {
                if claim == Claim::Duplicate && payment.version == 0 {
                    returns_again(billing, fact, context);
                }
                billing.put_payment(payment);
            }
            if let Some(order) = order {
                complete(billing, order, fact, context);
            }
            Outcome::Applied
        }
        Err(outcome) => outcome,
    }
}

/// What a paid period comes to, where it changes anything.
struct Decided {
    claim: Claim,
    payment: Option<Payment>,
    order: Option<OrderId>,
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
    if fact.reason == PeriodReason::Other {
        return other(paid);
    }
    let whole = || fact.lines.iter().filter(|line| !line.proration && !line.free);
    let lines = paid.priced(whole());
    if lines.is_empty() && (fact.reason == PeriodReason::Change || whole().next().is_none()) {
        return change::decided(paid);
    }
    let Some((first, plan)) = lines.first() else {
        return Err(Outcome::Unknown("no line's price is a plan's"));
    };
    // A period that begins elsewhere is another one, also where it begins within one that was paid: a fresh cycle.
    let again = |line: &PaidLine| paid.others().any(|other| other.begins_with(line.period));
    if let Some(last) = lines.last().filter(|_| fact.reason == PeriodReason::Unclear)
        && lines.iter().any(|(line, _)| again(line))
    {
        return Ok(change::unclear(paid, *last));
    }
    let order = confirmed_order(paid, &lines);
    let claim = claim(paid)?;
    // Where the event does not say what was paid, it is what was agreed.
    let list_price = |(line, _): &(&PaidLine, &Plan)| {
        let (plan, interval) = paid.billing.priced(&line.price)?;
        Some(plan.price(interval)?.times(line.quantity)?.minor)
    };
    let listed = || {
        let sum = lines.iter().map(list_price).try_fold(0_i64, |sum, price| sum.checked_add(price?));
        Some(Money::new(sum?, plan.currency))
    };
    let agreed = || order.map(|order| order.price).or_else(listed);
    let covers = Covered {
        subscription: fact.subscription.clone(),
        period: first.period,
        plan: plan.id,
        brings: brings(paid, &lines, order),
        change: change::change(paid),
        grace: None,
    };
    let order = order.map(|order| order.id);
    let amount = fact.paid.or_else(agreed);
    Ok(Decided { claim, payment: amount.and_then(|amount| noted(paid, order, amount, covers)), order })
}

/// Money that was asked for another reason, such as by hand, for what is a plan's: it is noted, and grants nothing.
fn other(paid: &Paid<'_>) -> Result<Decided, Outcome> {
    let lines = paid.priced(paid.fact.lines.iter());
    let Some((line, plan)) = lines.first() else {
        return Err(Outcome::Nothing("no line's price is a plan's"));
    };
    let covers = Covered {
        subscription: paid.fact.subscription.clone(),
        period: line.period,
        plan: plan.id,
        brings: Vec::new(),
        change: None,
        grace: None,
    };
    let payment = paid.fact.paid.and_then(|amount| noted(paid, None, amount, covers));
    Ok(Decided { claim: Claim::Grants, payment, order: None })
}

/// What the lines entitle to. Several of one plan and period count together: a provider may have a line for each tier.
fn brings(paid: &Paid<'_>, lines: &[(&PaidLine, &Plan)], order: Option<&Order>) -> Vec<PeriodTerms> {
    let mut quantities: Vec<(&Plan, Period, u32)> = Vec::new();
    for (line, plan) in lines {
        let same = |known: &&mut (&Plan, Period, u32)| (known.0.id, known.1) == (plan.id, line.period);
        match quantities.iter_mut().find(same) {
            Some((.., quantity)) => *quantity = quantity.saturating_add(line.quantity),
            None => quantities.push((plan, line.period, line.quantity)),
        }
    }
    let all = quantities.into_iter().map(|(plan, period, quantity)| PeriodTerms {
        plan: plan.id,
        period,
        terms: terms(paid, plan, order).times(quantity),
    });
    all.collect()
}

/// Who may grant; the first one takes the account's slot. What nobody knows yet beside another one that counts waits: its
/// own description says what it is.
fn claim(paid: &Paid<'_>) -> Result<Claim, Outcome> {
    let known = paid.subscription();
    if known.is_some_and(|known| !known.role.is_active()) {
        return Ok(Claim::Duplicate);
    }
    let (grace, now) = (paid.context.policy.grace_periods, paid.context.now);
    let runs = paid.fact.lines.iter().any(|line| now < line.period.end);
    let over = known.is_some_and(|known| {
        known.status.is_final() || (!runs && paid.billing.has_lapsed(known, grace, now))
    });
    let name = SubscriptionRef::new(paid.channel(), paid.fact.subscription.clone());
    match paid.billing.slot(&name) {
        SubscriptionSlot::Own => Ok(Claim::Grants),
        // It had the slot while it lived.
        _ if over => Ok(Claim::Grants),
        // What is over by now says nothing of a subscription that lives.
        SubscriptionSlot::Free if paid.is_long_over() => Ok(Claim::Grants),
        SubscriptionSlot::Free => Ok(Claim::TakesSlot),
        SubscriptionSlot::Taken => Err(Outcome::Unknown("another subscription of the account counts")),
    }
}

/// What was agreed when the subscription began or changed, else what the plan says today.
fn terms(paid: &Paid<'_>, plan: &Plan, order: Option<&Order>) -> PlanTerms {
    if let Some(known) = paid.subscription().filter(|known| known.plan == plan.id) {
        return known.terms;
    }
    match order.map(|order| &order.item) {
        Some(OrderItem::Plan { plan: ordered, credits, .. }) if *ordered == plan.id => {
            PlanTerms { credits: *credits, ..plan.terms() }
        }
        _ => plan.terms(),
    }
}

/// The payment that the fact tells of, also where nothing was due: it says that the period is paid for. What it covers is
/// kept as it was told first.
fn noted(paid: &Paid<'_>, order: Option<OrderId>, amount: Money, covers: Covered) -> Option<Payment> {
    if amount.minor < 0 {
        return None;
    }
    let mut payment = paid.payment().cloned().unwrap_or_else(|| {
        let (account, refs) = (paid.billing.account.id, paid.fact.refs.clone());
        let new = NewPayment { account, channel: paid.channel(), refs, paid: amount };
        Payment::new(new, paid.context.ids, paid.context.now)
    });
    payment.refs.learn(&paid.fact.refs);
    // The earliest that was told, so that it does not depend on which event came first.
    payment.collected_at = payment.collected_at.into_iter().chain(paid.fact.collected_at).min();
    payment.order = payment.order.or(order);
    match &mut payment.covers {
        None => payment.covers = Some(covers),
        // Lines that an event before did not show.
        Some(known) if paid.context.capabilities.can(Capability::PaymentLines) => {
            for brings in covers.brings {
                if known.brings.iter().all(|one| (one.plan, one.period) != (brings.plan, brings.period)) {
                    known.brings.push(brings);
                }
            }
            known.change = known.change.take().or(covers.change);
        }
        Some(_) => {}
    }
    Some(payment)
}

/// More money came for a duplicate whose money had gone back.
fn returns_again(billing: &mut AccountBilling, fact: &PaidPeriod, context: &Context<'_>) {
    let known = billing.subscription(context.source.channel, &fact.subscription).cloned();
    if let Some(mut known) = known.filter(|known| known.role == SubscriptionRole::DuplicateRefunded) {
        known.role = SubscriptionRole::Duplicate;
        billing.put_subscription(known, context.policy.grace_periods, context.now);
    }
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

/// The order that a first period pays: the one that began the subscription, or that is hinted at, if the plan is its own
/// and it is not another subscription's.
fn confirmed_order<'a>(paid: &Paid<'a>, lines: &[(&PaidLine, &Plan)]) -> Option<&'a Order> {
    let fact = paid.fact;
    let order = paid.billing.order_of_subscription(paid.channel(), &fact.subscription, fact.order_hint)?;
    let plan = lines.iter().any(|(_, plan)| order.plan() == Some(plan.id));
    let free = order.refs.subscription.as_ref().is_none_or(|known| *known == fact.subscription);
    let first = match fact.reason {
        PeriodReason::Create => true,
        PeriodReason::Unclear => order.refs.invoice.is_none() && paid.others().next().is_none(),
        _ => false,
    };
    (first && plan && free).then_some(order)
}
