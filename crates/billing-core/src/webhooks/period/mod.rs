//! What a paid period changes.

mod change;
mod grants;
mod renewal;
mod slot;

use super::Effect;
use crate::accounts::Account;
use crate::catalog::{Interval, Plan};
use crate::changes::Changes;
use crate::ledger::{Actor, Command, Grant, Posting};
use crate::orders::{Order, OrderRefs};
use crate::payments::{Channel, Covered, NewPayment, PaidLine, PaidPeriod, Payment, PeriodReason};
use crate::subscriptions::{GracePeriods, Subscription};
use crate::values::{AccountId, IdSource, Money, OrderId, Timestamp};

use slot::Claim;

/// What is known where a paid period is applied.
#[derive(Debug, Clone)]
pub struct PeriodContext {
    /// Which provider says so.
    pub channel: Channel,
    /// Whose customer it is, by our own rows.
    pub account: Option<Account>,
    /// The subscription, if it is known yet: a first period often comes before it.
    pub subscription: Option<Subscription>,
    /// The order that the hint names, if there is one.
    pub hinted_order: Option<Order>,
    /// The plans of the lines' prices, each with its price.
    pub plans: Vec<(String, Plan)>,
    /// How long a period's credits live on after it.
    pub grace_periods: GracePeriods,
    /// The payment, if it was told of before.
    pub payment: Option<Payment>,
    /// The other payments for periods of this subscription.
    pub others: Vec<Payment>,
    /// What those granted.
    pub other_grants: Vec<Grant>,
    /// The event, for the history.
    pub actor: Actor,
    /// Now.
    pub now: Timestamp,
}

/// What a paid period changes: each line that is not a proration, and whose price is a plan's, grants the
/// plan's credits once, and ends those of the period before. A first period also completes the order.
///
/// Of a subscription that was begun beside a live one, the money is noted, and nothing granted.
pub fn period_effect(fact: &PaidPeriod, context: &PeriodContext, ids: &dyn IdSource) -> Effect {
    if fact.reason == PeriodReason::Other {
        return Effect::Ignore("only first and further periods grant, and changes in them");
    }
    let lines = || fact.lines.iter().filter(|line| !line.proration);
    // By line, not by the sum: beside a trial there may be a fee, and beside a renewal a credit as large.
    let whole = lines().next().is_some();
    if !whole && fact.reason != PeriodReason::Change {
        return Effect::Ignore("nothing but prorations was paid for");
    }
    if whole && lines().all(|line| line.free) {
        return Effect::Ignore("a period without a price is a trial");
    }
    let Some(account) = &context.account else {
        return Effect::Orphan("no account has this customer");
    };
    let plan_of = |line: &PaidLine| context.plans.iter().find(|(price, _)| *price == line.price);
    let planned = |line| Some((line, &plan_of(line)?.1));
    let paid: Vec<_> = lines().filter(|line| !line.free).filter_map(planned).collect();
    let again = |line: &PaidLine| context.others.iter().any(|other| other.overlaps(line.period));
    if paid.is_empty() && fact.reason == PeriodReason::Change {
        let prorated: Vec<_> = fact.lines.iter().filter(|line| line.proration).filter_map(planned).collect();
        return change::effect(fact, context, account, &prorated, ids);
    }
    if paid.is_empty() {
        return Effect::Orphan("no line's price is a plan's");
    }
    if fact.reason == PeriodReason::Unclear && paid.iter().any(|(line, _)| again(line)) {
        return change::unclear(fact, context, account, &paid, ids);
    }
    let order = confirmed_order(fact, context, account.id, &paid);
    let mut changes = Changes::default();
    match slot::claim(fact, context, account, &mut changes) {
        Claim::Grants => {
            let grants =
                paid.iter().flat_map(|(line, plan)| grants::of_line(fact, context, line, plan, order));
            changes.postings.extend(grants.map(|grant| grants::posting(account.id, context, grant)));
            changes.postings.extend(renewal::ends_earlier(fact, context, account.id, &paid));
        }
        Claim::Duplicate => {}
        Claim::Waits => return Effect::Orphan("another subscription of the account counts"),
    }
    changes.payments.extend(payment(fact, context, (account.id, order), &paid, &changes.postings, ids));
    if let Some(order) = order {
        let mut order = order.clone();
        let refs = OrderRefs {
            payment: None,
            subscription: Some(fact.subscription.clone()),
            invoice: Some(fact.payment.clone()),
        };
        if order.complete(&refs, context.now) {
            changes.orders.push(order);
        }
    }
    Effect::apply(changes)
}

/// What paid the period, with what it grants, also where nothing was due: it says that the period is paid for. None
/// where that is known.
fn payment(
    fact: &PaidPeriod,
    context: &PeriodContext,
    (account, order): (AccountId, Option<&Order>),
    lines: &[(&PaidLine, &Plan)],
    postings: &[Posting],
    ids: &dyn IdSource,
) -> Option<Payment> {
    let (line, plan) = lines.first()?;
    // Where the event does not say what was paid, it is what was agreed.
    let interval = context.subscription.as_ref().map_or(Interval::Monthly, |known| known.interval);
    let agreed = || order.map(|order| order.price).or_else(|| plan.price(interval)?.times(line.quantity));
    let paid = fact.paid.or_else(agreed)?;
    let subscription = fact.subscription.clone();
    let covers = Covered { subscription, period: line.period, plan: plan.id, change: None };
    noted(fact, context, (account, order.map(|order| order.id)), (paid, covers), postings, ids)
}

/// The row of the payment that the fact tells of, with the facts that `postings` grant for; none where nothing of it is
/// new.
fn noted(
    fact: &PaidPeriod,
    context: &PeriodContext,
    (account, order): (AccountId, Option<OrderId>),
    (paid, covers): (Money, Covered),
    postings: &[Posting],
    ids: &dyn IdSource,
) -> Option<Payment> {
    if paid.minor < 0 {
        return None;
    }
    let mut payment = context.payment.clone().unwrap_or_else(|| {
        let new = NewPayment { account, channel: context.channel, refs: fact.refs.clone(), paid };
        Payment::new(new, ids, context.now)
    });
    let before = payment.clone();
    payment.refs.learn(&fact.refs);
    payment.collected_at = collected_at(fact, context);
    payment.order = payment.order.or(order);
    payment.covers = payment.covers.or(Some(covers));
    let facts = postings.iter().flat_map(|posting| &posting.commands).filter_map(Command::fact);
    payment.grants_for(facts.cloned());
    (payment.version == 0 || payment != before).then_some(payment)
}

/// When it was collected: the earliest that was told, so that it does not depend on which event came first.
fn collected_at(fact: &PaidPeriod, context: &PeriodContext) -> Option<Timestamp> {
    let known = context.payment.as_ref().and_then(|payment| payment.collected_at);
    known.into_iter().chain(fact.collected_at).min()
}

/// The order that a first period pays: the hinted one, if account, channel and plan are its own and it is
/// not another subscription's.
fn confirmed_order<'a>(
    fact: &PaidPeriod,
    context: &'a PeriodContext,
    account: AccountId,
    paid: &[(&PaidLine, &Plan)],
) -> Option<&'a Order> {
    let order = context.hinted_order.as_ref()?;
    let own = order.account == account && order.channel == context.channel;
    let plan = paid.iter().any(|(_, plan)| order.plan() == Some(plan.id));
    let free = order.refs.subscription.as_ref().is_none_or(|known| *known == fact.subscription);
    let first = match fact.reason {
        PeriodReason::Create => true,
        PeriodReason::Unclear => order.refs.invoice.is_none() && context.others.is_empty(),
        _ => false,
    };
    (first && own && plan && free).then_some(order)
}
