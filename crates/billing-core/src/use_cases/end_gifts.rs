//! End subscriptions that were given.

use super::apply_event::{FactSource, apply_subscription_update};
use super::retry::{Again, retry};
use super::run_items::{Settled, run_due_items};
use crate::BillingError;
use crate::billing::Ports;
use crate::jobs::{Job, JobReport};
use crate::ledger::Actor;
use crate::payments::{ChangeRequest, SubscriptionChange, SubscriptionFact};
use crate::ports::DueItem;
use crate::subscriptions::{Subscription, SubscriptionStatus};
use crate::values::SubscriptionId;
use crate::webhooks::{Effect, FactOrigin};

/// How many subscriptions are taken at once.
const BATCH: u32 = 100;

/// Ends up to 100 subscriptions that were given and whose period is over, and frees their accounts for another
/// subscription. Whoever asks before that is told so all the same.
///
/// # Errors
///
/// As [`run_due_items`].
pub(crate) async fn end_gifts(ports: &Ports) -> Result<JobReport, BillingError> {
    let attempt = |item: DueItem| end_if_over(ports, SubscriptionId::from_uuid(item.id));
    run_due_items(ports, Job::Gifts, ports.clock.now(), BATCH, attempt).await
}

async fn end_if_over(ports: &Ports, id: SubscriptionId) -> Result<Settled, BillingError> {
    if let Some(subscription) = ports.subscriptions.subscription(id).await? {
        let over = subscription.clone().as_of(ports.clock.now()).as_fact();
        let ended = end(ports, subscription, &over, Actor::Time).await?;
        if ended.status == SubscriptionStatus::Active {
            return Ok(Settled::Unchanged);
        }
    }
    Ok(Settled::Done)
}

/// Ends a subscription that was given, at once; so do its credits. Answers it as it is then.
pub(super) async fn end_gift_now(
    ports: &Ports,
    subscription: Subscription,
    actor: Actor,
) -> Result<Subscription, BillingError> {
    let change = SubscriptionChange::CancelNow;
    let request = ChangeRequest { subscription, change, now: ports.clock.now() };
    let ended = request.carried_out();
    end(ports, request.subscription, &ended, actor).await
}

/// Nobody else tells how such a subscription is: what is said here is taken over like a provider's answer.
async fn end(
    ports: &Ports,
    subscription: Subscription,
    ended: &SubscriptionFact,
    actor: Actor,
) -> Result<Subscription, BillingError> {
    let channel = subscription.channel;
    let actor = &actor;
    retry(ports, || async move {
        let source = FactSource { channel, origin: FactOrigin::Response, actor: actor.clone() };
        if let Effect::Apply(changes) = apply_subscription_update(ports, source, ended).await? {
            ports.store.commit(*changes, ports.clock.now()).await?;
        }
        Ok::<_, Again>(())
    })
    .await?;
    let kept = ports.subscriptions.subscription_by_provider_id(channel, &subscription.provider_id).await?;
    Ok(kept.unwrap_or(subscription))
}
