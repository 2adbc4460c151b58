//! Applies the state of a subscription.

use super::trial::grant_trial;
use crate::account_billing::{AccountBilling, Context, FactOrigin, Outcome};
use crate::catalog::{Interval, Plan, PlanTerms};
use crate::orders::{Order, OrderItem};
use crate::payments::{SubscriptionFact, SubscriptionItem};
use crate::subscriptions::{Subscribed, Subscription};

/// Updates the stored subscription, and with it the holder of the account's slot, the ends of paid credits, and once
/// the credits of a trial. It never grants what has to be paid for.
pub(super) fn decide(
    billing: &mut AccountBilling,
    fact: &SubscriptionFact,
    context: &Context<'_>,
) -> Outcome {
    let channel = context.source.channel;
    let before = billing.subscription(channel, &fact.id).cloned();
    let order = billing.order_of_subscription(channel, &fact.id, fact.order_hint).cloned();
    let Some(to) = subscribed(billing, fact, before.as_ref(), order.as_ref()) else {
        return Outcome::Unknown("no item has the price of a plan");
    };
    let subscription = match before {
        Some(mut known) => {
            match context.source.origin {
                FactOrigin::Event => known.take_over(fact, to),
                FactOrigin::Response => known.answered(fact, to),
            };
            known
        }
        None => Subscription::first_seen(fact, channel, billing.account.id, to, context.ids),
    };
    let subscription = billing.put_subscription(subscription, context.policy.grace_periods, context.now);
    if subscription.role.is_active() {
        grant_trial(billing, fact, &subscription, order.as_ref(), context);
    }
    Outcome::Applied
}

/// The first item of the fact whose price stands for a plan, and the plan.
pub(super) fn plan_item<'a>(
    billing: &'a AccountBilling,
    fact: &SubscriptionFact,
) -> Option<(SubscriptionItem, &'a Plan, Interval)> {
    fact.items.iter().find_map(|item| {
        let (plan, interval) = billing.priced(&item.price)?;
        Some((item.clone(), plan, interval))
    })
}

/// The subscribed plan and terms: by price, else as stored, else as ordered. For the order's plan, the credits are the
/// order's.
fn subscribed(
    billing: &AccountBilling,
    fact: &SubscriptionFact,
    known: Option<&Subscription>,
    order: Option<&Order>,
) -> Option<Subscribed> {
    let by_price = plan_item(billing, fact).map(|(item, plan, interval)| of_plan(plan, interval, Some(item)));
    let as_known = known.map(Subscription::subscribed);
    let ordered = order.and_then(|order| match order.item {
        OrderItem::Plan { plan, interval, credits, .. } => Some((plan, interval, credits)),
        OrderItem::Pack { .. } | OrderItem::Gift { .. } => None,
    });
    let as_ordered = || {
        let (plan, interval, _) = ordered?;
        Some(of_plan(billing.plan(plan)?, interval, None))
    };
    let mut to = by_price.or(as_known).or_else(as_ordered)?;
    if let Some((plan, _, credits)) = ordered
        && plan == to.plan
    {
        to.terms = PlanTerms { credits, ..to.terms };
    }
    Some(to)
}

fn of_plan(plan: &Plan, interval: Interval, item: Option<SubscriptionItem>) -> Subscribed {
    Subscribed { plan: plan.id, interval, item, terms: plan.terms() }
}
