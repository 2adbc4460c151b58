//! What a trial brings.

use super::subscription::plan_item;
use crate::account_billing::entitlement::Entitlement;
use crate::account_billing::{AccountBilling, Context};
use crate::ledger::{Command, GrantCredits, Origin, Source, business_keys};
use crate::orders::Order;
use crate::payments::SubscriptionFact;
use crate::subscriptions::Subscription;
use crate::values::Credits;

/// Gives what a trial brings, as ordered, else as the plan says today. Any description of a subscription that began with
/// a trial brings it, because the first may come last; its business key lets it through once.
pub(super) fn grant_trial(
    billing: &mut AccountBilling,
    fact: &SubscriptionFact,
    subscription: &Subscription,
    order: Option<&Order>,
    context: &Context<'_>,
) {
    let by_price = || plan_item(billing, fact).map(|(_, plan, _)| plan.trial_credits);
    let amount = order.and_then(|order| Some(order.trial()?.credits)).or_else(by_price);
    let amount = amount.unwrap_or(Credits::ZERO).times(subscription.quantity());
    let end =
        Entitlement::of(billing, subscription.channel, &subscription.provider_id, context.policy).trial_end();
    let Some(expires_at) = end.filter(|end| *end > context.now && amount != Credits::ZERO) else { return };
    let business_key = business_keys::trial(subscription.id);
    let grant = GrantCredits {
        expires_at: Some(expires_at),
        origin: Origin { order: order.map(|order| order.id), subscription: Some(subscription.id) },
        ..GrantCredits::new(amount, Source::Plan, business_key.clone(), "Trial".to_owned())
    };
    billing.post(&business_key, &context.source.actor, vec![Command::Grant(grant)]);
}
