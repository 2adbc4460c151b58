//! What a gift begins for an account.

use super::CheckoutRefusal;
use super::current_slot::current_slot;
use super::read_summary::ShownSubscription;
use super::retry::Again;
use crate::BillingError;
use crate::accounts::Account;
use crate::billing::Ports;
use crate::catalog::Plan;
use crate::changes::Changes;
use crate::gifts::Gift;
use crate::ledger::Actor;
use crate::ports::StoreError;
use crate::values::{AccountId, PlanId, Timestamp};

/// What begins what `gift` brings to the account: its subscription takes the account's slot, and its credits come month
/// by month.
pub(super) async fn begin_gift(
    ports: &Ports,
    gift: Gift,
    account: AccountId,
    actor: Actor,
    now: Timestamp,
) -> Result<(ShownSubscription, Changes), Again> {
    let found = ports.accounts.account(account).await?;
    let lost = || StoreError::Corrupt(format!("the account {account} is not there"));
    let account = current_slot(ports, found.ok_or_else(lost)?).await?;
    let all = ports.subscriptions.subscriptions(account.id).await?;
    if account.active_subscription.is_some() || all.into_iter().any(|known| known.as_of(now).is_live()) {
        return Err(CheckoutRefusal::AlreadySubscribed.into());
    }
    let plan = plan_of(ports, gift.plan.plan).await?;
    let begun = gift.begin(account.id, &plan.name, actor, &*ports.ids, now);
    let changes = Changes {
        accounts: vec![Account { active_subscription: Some(begun.subscription.name()), ..account }],
        gifts: vec![gift],
        subscriptions: vec![begun.subscription.clone()],
        postings: begun.posting.into_iter().collect(),
        ..Changes::default()
    };
    Ok((ShownSubscription { subscription: begun.subscription, plan: Some(plan), renews_as: None }, changes))
}

/// What a gift that was redeemed or given before has begun, as it is now.
pub(super) async fn begun_before(ports: &Ports, gift: &Gift) -> Result<ShownSubscription, BillingError> {
    let (channel, id) = (crate::payments::Channel::Gift, gift.id.to_string());
    let found = ports.subscriptions.subscription_by_provider_id(channel, &id).await?;
    let lost = || StoreError::Corrupt(format!("the subscription of the gift {id} is not there"));
    let subscription = found.ok_or_else(lost)?.as_of(ports.clock.now());
    let plan = ports.catalog.plan(subscription.plan).await?;
    Ok(ShownSubscription { subscription, plan, renews_as: None })
}

/// The plan with this id.
pub(super) async fn plan_of(ports: &Ports, id: PlanId) -> Result<Plan, BillingError> {
    ports.catalog.plan(id).await?.ok_or_else(|| BillingError::not_found("plan", id))
}
