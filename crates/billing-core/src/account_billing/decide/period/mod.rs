//! Applies a paid period.

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

/// Records a paid period, with the terms of each line that is not a proration and whose price stands for a plan. A
/// first period also completes the order. Credits follow from what is recorded.
///
/// The payment of a duplicate subscription is recorded and grants nothing.
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

/// The changes that a paid period makes.
struct Decided {
    claim: Claim,
    payment: Option<Payment>,
    order: Option<OrderId>,
}

/// What a payment means for its subscription's role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Claim {
    /// The subscription is the account's, and the payment grants.
    Grants,
    /// The payment grants, and the subscription takes the account's slot.
    TakesSlot,
    /// The subscription is a duplicate: the payment is refunded.
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
        return Err(Outcome::Unknown("no line has the price of a plan"));
    };
    // A period with another start is another period, even within a paid one: a new billing cycle.
    let again = |line: &PaidLine| paid.others().any(|other| other.begins_with(line.period));
    if let Some(last) = lines.last().filter(|_| fact.reason == PeriodReason::Unclear)
        && lines.iter().any(|(line, _)| again(line))
    {
        return Ok(change::unclear(paid, *last));
    }
    let order = confirmed_order(paid, &lines);
    let claim = claim(paid)?;
    // If the event does not state the amount, it is the agreed one.
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

/// A payment for another reason, such as a manual invoice, with a plan's price: it is recorded and grants nothing.
fn other(paid: &Paid<'_>) -> Result<Decided, Outcome> {
    let lines = paid.priced(paid.fact.lines.iter());
    let Some((line, plan)) = lines.first() else {
        return Err(Outcome::Nothing("no line has the price of a plan"));
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

/// The terms of the lines. Lines of the same plan and period are added up: a provider may have a line for each tier.
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

/// Whether the payment grants; the first one takes the account's slot. While another subscription has the slot, the
/// payment waits until its own subscription's state determines the role.
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
        // It had the slot while it was live.
        _ if over => Ok(Claim::Grants),
        // A period that is long over does not show that the subscription is live.
        SubscriptionSlot::Free if paid.is_long_over() => Ok(Claim::Grants),
        SubscriptionSlot::Free => Ok(Claim::TakesSlot),
        SubscriptionSlot::Taken => Err(Outcome::Unknown("another subscription of the account is active")),
    }
}

/// The terms that were agreed when the subscription started or changed, else the plan's current ones.
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

/// The payment with this fact recorded, also if nothing was due: it shows that the period is paid. None for a negative
/// amount. What it covers stays as first reported; only lines that were missing are added.
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
    // The earliest reported time, so that it does not depend on the order of events.
    payment.collected_at = payment.collected_at.into_iter().chain(paid.fact.collected_at).min();
    payment.order = payment.order.or(order);
    match &mut payment.covers {
        None => payment.covers = Some(covers),
        // An earlier event may not have shown all lines.
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

/// After another payment, a refunded duplicate has to be refunded again.
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

/// The order that a first period pays: the one that started the subscription, or the hinted one, if it is for a paid
/// plan and belongs to no other subscription.
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
