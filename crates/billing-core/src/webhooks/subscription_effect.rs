//! What a subscription's news changes.

use super::Effect;
use super::subscription_credits::{ends_posting, trial_posting};
use crate::accounts::Account;
use crate::catalog::{Interval, Plan, PlanTerms};
use crate::changes::Changes;
use crate::ledger::{Actor, Grant};
use crate::orders::{Order, OrderItem};
use crate::payments::{Channel, Payment, SubscriptionFact, SubscriptionItem};
use crate::subscriptions::{GracePeriods, Subscribed, Subscription, SubscriptionRole, SubscriptionSlot};
use crate::values::{IdSource, Timestamp};

/// What is known where a subscription's news is applied.
#[derive(Debug, Clone)]
pub struct SubscriptionContext {
    /// Which provider says so.
    pub channel: Channel,
    /// Whose it is, by our own rows.
    pub account: Option<Account>,
    /// The subscription as it is kept, if it is.
    pub known: Option<Subscription>,
    /// The fact's item whose price stands for a plan, and the plan.
    pub plan: Option<(SubscriptionItem, Plan, Interval)>,
    /// The order that the hint names, if there is one.
    pub hinted_order: Option<Order>,
    /// The plan of that order.
    pub ordered_plan: Option<Plan>,
    /// What was paid for periods of it.
    pub payments: Vec<Payment>,
    /// What those payments granted, and its trial.
    pub grants: Vec<Grant>,
    /// How long a period's credits live on after it.
    pub grace_periods: GracePeriods,
    /// How it was told.
    pub origin: FactOrigin,
    /// The event, for the history.
    pub actor: Actor,
    /// Now.
    pub now: Timestamp,
}

/// How a description of a subscription came to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FactOrigin {
    /// In an event; of two, the later one by the provider's clock counts.
    Event,
    /// In the answer to a call of ours, which shows no time of the provider's.
    Response,
}

/// What a subscription's news changes: the kept mirror, who has the account's slot, when the credits of what was paid
/// end, and once the credits of a trial. It never grants what has to be paid for.
///
/// An account has one slot for a live subscription. Whichever takes it first has it until it ends; another one that
/// goes live meanwhile is marked duplicate for good.
pub fn subscription_effect(
    fact: &SubscriptionFact,
    context: &SubscriptionContext,
    ids: &dyn IdSource,
) -> Effect {
    let Some(account) = &context.account else {
        return Effect::Orphan("no account has this customer");
    };
    let Some(to) = subscribed(context) else {
        return Effect::Orphan("its price is none of a plan's");
    };
    let mut changes = Changes::default();
    let (mut subscription, mut news) = match context.known.clone() {
        Some(mut known) => {
            let news = match context.origin {
                FactOrigin::Event => known.take_over(fact, to),
                FactOrigin::Response => known.answered(fact, to),
            };
            (known, news)
        }
        None => (Subscription::first_seen(fact, context.channel, account.id, to, ids), true),
    };
    news |= take_slot(&mut subscription, account, &mut changes);
    if subscription.role.is_active() {
        changes.postings.extend(trial_posting(context, &subscription, own_order(context)));
        changes.postings.extend(ends_posting(context, &subscription).filter(|_| news));
    }
    if news {
        changes.subscriptions.push(subscription);
    }
    Effect::apply(changes)
}

/// Takes the account's slot or gives it back. Says whether the subscription's role changed by that.
fn take_slot(subscription: &mut Subscription, account: &Account, changes: &mut Changes) -> bool {
    let name = subscription.name();
    let slot = name.slot(account.active_subscription.as_ref());
    let mut moved =
        |active_subscription| changes.accounts.push(Account { active_subscription, ..account.clone() });
    match slot {
        SubscriptionSlot::Free if subscription.is_live() => moved(Some(name)),
        SubscriptionSlot::Own if subscription.status.is_final() => moved(None),
        SubscriptionSlot::Taken if subscription.is_live() => {
            subscription.role = SubscriptionRole::Duplicate;
            return true;
        }
        _ => {}
    }
    false
}

/// What is subscribed to: by price, else as it was, else as it was ordered. Credits are those of the order where it is
/// the order's plan.
fn subscribed(context: &SubscriptionContext) -> Option<Subscribed> {
    let by_price =
        context.plan.as_ref().map(|(item, plan, interval)| of_plan(plan, *interval, Some(item.clone())));
    let as_known = context.known.as_ref().map(Subscription::subscribed);
    let ordered = own_order(context).and_then(|order| match order.item {
        OrderItem::Plan { plan, interval, credits, .. } => Some((plan, interval, credits)),
        OrderItem::Pack { .. } | OrderItem::Gift { .. } => None,
    });
    let as_ordered = || {
        let (plan, (_, interval, _)) = (context.ordered_plan.as_ref()?, ordered?);
        Some(of_plan(plan, interval, None))
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

fn own_order(context: &SubscriptionContext) -> Option<&Order> {
    let account = context.account.as_ref()?.id;
    context.hinted_order.as_ref().filter(|order| order.account == account)
}
