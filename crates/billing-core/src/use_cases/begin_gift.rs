//! The subscription and credits of a gift.

use super::CheckoutRefusal;
use super::load_billing::load_account;
use super::retry::Again;
use crate::BillingError;
use crate::account_billing::ShownSubscription;
use crate::billing::Ports;
use crate::catalog::Plan;
use crate::changes::Changes;
use crate::gifts::Gift;
use crate::ledger::Actor;
use crate::ports::{StoreError, SubscriptionSelector};
use crate::values::{AccountId, PlanId, Timestamp};

/// The changes that start `gift` for the account: its subscription takes the active-subscription slot, and its credits
/// are granted month by month.
pub(super) async fn begin_gift(
    ports: &Ports,
    gift: Gift,
    account: AccountId,
    actor: Actor,
    now: Timestamp,
) -> Result<(ShownSubscription, Changes), Again> {
    let (before, mut billing) = load_account(ports, account, now).await?;
    if billing.is_subscribed(ports.policy.grace_periods, now) {
        return Err(CheckoutRefusal::AlreadySubscribed.into());
    }
    let plan = plan_of(ports, gift.plan.plan).await?;
    let begun = gift.begin(account, &plan.name, actor, &*ports.ids, now);
    billing.put_subscription(begun.subscription.clone(), ports.policy.grace_periods, now);
    billing.postings.extend(begun.posting);
    billing.gifts.push(gift);
    let changes = billing.changes_since(&before);
    Ok((ShownSubscription { subscription: begun.subscription, plan: Some(plan), renews_as: None }, changes))
}

/// The current state of a gift that was redeemed or given before.
pub(super) async fn begun_before(ports: &Ports, gift: &Gift) -> Result<ShownSubscription, BillingError> {
    let (channel, id) = (crate::payments::Channel::GIFT, gift.id.to_string());
    let found = ports.store.billing.subscription(SubscriptionSelector::Provider(channel, &id)).await?;
    let lost = || StoreError::Corrupt(format!("the subscription of the gift {id} is not there"));
    let subscription = found.ok_or_else(lost)?.as_of(ports.clock.now());
    let plan = ports.store.catalog.plan(subscription.plan).await?;
    Ok(ShownSubscription { subscription, plan, renews_as: None })
}

/// The plan with this id.
pub(super) async fn plan_of(ports: &Ports, id: PlanId) -> Result<Plan, BillingError> {
    ports.store.catalog.plan(id).await?.ok_or_else(|| BillingError::not_found("plan", id))
}
