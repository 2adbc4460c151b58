//! End subscriptions that were given.

use super::apply_event::{Teller, subscription_news};
use super::retry::{Again, retry};
use super::run_inbox::JobReport;
use crate::BillingError;
use crate::billing::Ports;
use crate::ledger::Actor;
use crate::payments::{ChangeRequest, SubscriptionChange, SubscriptionFact};
use crate::subscriptions::Subscription;
use crate::webhooks::{Effect, Told};

/// How many subscriptions are taken at once.
const BATCH: u32 = 100;

/// Writes down that up to 100 subscriptions which were given are over, and gives their accounts' seats back. Whoever asks
/// before that is told so all the same.
///
/// # Errors
///
/// [`BillingError::Store`] if the store failed; what was done stays done.
pub(crate) async fn end_gifts(ports: &Ports) -> Result<JobReport, BillingError> {
    let now = ports.clock.now();
    let mut report = JobReport::default();
    for subscription in ports.gifts.gifts_over(now, BATCH).await? {
        let over = subscription.clone().as_of(now).as_fact();
        end(ports, subscription, &over, Actor::Time).await?;
        report.count(true);
    }
    Ok(report)
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
    retry(|| async move {
        let teller = Teller { channel, told: Told::InAnswer, actor: actor.clone() };
        if let Effect::Apply(changes) = subscription_news(ports, teller, ended).await? {
            ports.store.commit(*changes, ports.clock.now()).await?;
        }
        Ok::<_, Again>(())
    })
    .await?;
    let kept = ports.subscriptions.subscription_by_provider_id(channel, &subscription.provider_id).await?;
    Ok(kept.unwrap_or(subscription))
}
