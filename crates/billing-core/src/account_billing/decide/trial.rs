//! Grants a trial's credits.

use super::subscription::plan_item;
use crate::account_billing::entitlement::Entitlement;
use crate::account_billing::{AccountBilling, Context};
use crate::ledger::{Command, GrantCredits, Origin, Source, business_keys};
use crate::orders::Order;
use crate::payments::SubscriptionFact;
use crate::subscriptions::Subscription;
use crate::values::Credits;

/// Grants a trial's credits, as ordered, else by the plan's current terms. Every reported state of a subscription with
/// a trial grants them, because the first state may arrive last; the business key lets one through.
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
