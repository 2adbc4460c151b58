//! What a subscription's news changes.

use super::Effect;
use crate::catalog::{Interval, Plan};
use crate::changes::Changes;
use crate::orders::{Order, OrderItem};
use crate::payments::{Channel, SubscriptionFact};
use crate::subscriptions::Subscription;
use crate::values::{AccountId, IdSource, PlanId};

/// What is known where a subscription's news is applied.
#[derive(Debug, Clone)]
pub struct SubscriptionContext {
    /// Which provider says so.
    pub channel: Channel,
    /// Whose customer it is, by our own rows.
    pub account: Option<AccountId>,
    /// The subscription as it is kept, if it is.
    pub known: Option<Subscription>,
    /// The plan of the fact's price, if it is one of ours.
    pub plan: Option<(Plan, Interval)>,
    /// The order that the hint names, if there is one.
    pub hinted_order: Option<Order>,
}

/// What a subscription's news changes: the kept mirror, and nothing else. It never grants.
pub fn subscription_effect(
    fact: &SubscriptionFact,
    context: SubscriptionContext,
    ids: &dyn IdSource,
) -> Effect {
    let Some(account) = context.known.as_ref().map(|known| known.account).or(context.account) else {
        return Effect::Orphan("no account has this customer");
    };
    let Some((plan, interval)) = plan_of(&context, account) else {
        return Effect::Orphan("its price is none of a plan's");
    };
    let mut changes = Changes::default();
    if let Some(mut known) = context.known {
        if known.take_over(fact, plan, interval) {
            changes.subscriptions.push(known);
        }
    } else {
        let seen = Subscription::first_seen(fact, context.channel, account, plan, interval, ids);
        changes.subscriptions.push(seen);
    }
    Effect::apply(changes)
}

/// What is subscribed to: by price, else as it was, else as it was ordered.
fn plan_of(context: &SubscriptionContext, account: AccountId) -> Option<(PlanId, Interval)> {
    let by_price = context.plan.as_ref().map(|(plan, interval)| (plan.id, *interval));
    let as_known = context.known.as_ref().map(|known| (known.plan, known.interval));
    let own = context.hinted_order.as_ref().filter(|order| order.account == account);
    let as_ordered = own.and_then(|order| match order.item {
        OrderItem::Plan { plan, interval, .. } => Some((plan, interval)),
        OrderItem::Pack { .. } => None,
    });
    by_price.or(as_known).or(as_ordered)
}
