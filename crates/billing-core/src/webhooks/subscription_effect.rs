//! What a subscription's news changes.

use super::Effect;
use crate::catalog::{Interval, Plan};
use crate::changes::Changes;
use crate::ledger::{Actor, Command, GrantCredits, Origin, Posting, Source, facts};
use crate::orders::{Order, OrderItem};
use crate::payments::{Channel, SubscriptionFact};
use crate::subscriptions::Subscription;
use crate::values::{AccountId, Credits, Fingerprint, IdSource, PlanId, PostingKey, Timestamp};

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
    /// How many days after a trial's end its credits live on, because the first money comes after it.
    pub renewal_grace_days: i64,
    /// The event, for the history.
    pub actor: Actor,
    /// Now.
    pub now: Timestamp,
}

/// What a subscription's news changes: the kept mirror, and once the credits of a trial. It never grants what has
/// to be paid for.
pub fn subscription_effect(
    fact: &SubscriptionFact,
    context: &SubscriptionContext,
    ids: &dyn IdSource,
) -> Effect {
    let Some(account) = context.known.as_ref().map(|known| known.account).or(context.account) else {
        return Effect::Orphan("no account has this customer");
    };
    let Some((plan, interval)) = plan_of(context, account) else {
        return Effect::Orphan("its price is none of a plan's");
    };
    let mut changes = Changes::default();
    let subscription = if let Some(mut known) = context.known.clone() {
        if known.take_over(fact, plan, interval) {
            changes.subscriptions.push(known.clone());
        }
        known
    } else {
        let seen = Subscription::first_seen(fact, context.channel, account, plan, interval, ids);
        changes.subscriptions.push(seen.clone());
        seen
    };
    changes.postings.extend(trial_posting(fact, context, &subscription));
    Effect::apply(changes)
}

/// The posting that gives what a trial brings, as ordered, else as the plan says today. Any news of a subscription
/// that began with a trial brings it, because the first may come last; the fact lets it through once.
fn trial_posting(
    fact: &SubscriptionFact,
    context: &SubscriptionContext,
    subscription: &Subscription,
) -> Option<Posting> {
    let ends_at = fact.trial_end?;
    let own = context.hinted_order.as_ref().filter(|order| order.account == subscription.account);
    let by_price = || context.plan.as_ref().map(|(plan, _)| plan.trial_credits);
    let amount = own.and_then(|order| Some(order.trial()?.credits)).or_else(by_price)?;
    let expires_at = ends_at.plus_days(context.renewal_grace_days);
    if amount == Credits::ZERO || expires_at <= context.now {
        return None;
    }
    let business_key = facts::trial(subscription.id);
    let key = PostingKey::of_fact(&business_key);
    let grant = GrantCredits {
        expires_at: Some(expires_at),
        origin: Origin { order: own.map(|order| order.id), subscription: Some(subscription.id) },
        ..GrantCredits::new(amount, Source::Plan, business_key, "Trial".to_owned())
    };
    Some(Posting {
        account: subscription.account,
        fingerprint: Fingerprint::of([key.as_str().as_bytes()]),
        key,
        actor: context.actor.clone(),
        commands: vec![Command::Grant(grant)],
    })
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
