//! Ends gift subscriptions.

use super::apply_fact::apply_fact;
use super::load_billing::load_account;
use super::retry::{Again, retry};
use super::run_items::{Settled, run_due_items};
use crate::BillingError;
use crate::account_billing::{FactOrigin, FactSource};
use crate::billing::Ports;
use crate::jobs::{Job, JobReport};
use crate::ledger::Actor;
use crate::payments::{ChangeRequest, Fact, SubscriptionChange};
use crate::ports::{DueItem, SubscriptionSelector};
use crate::subscriptions::Subscription;
use crate::values::SubscriptionId;

/// The number of subscriptions of a run.
const BATCH: u32 = 100;

/// Ends up to 100 gift subscriptions whose period is over, and frees their accounts' slots. Reads return them as ended
/// before that.
///
/// # Errors
///
/// As [`run_due_items`].
pub(crate) async fn end_gifts(ports: &Ports) -> Result<JobReport, BillingError> {
    let attempt =
        |item: DueItem| retry(ports, move || end_if_over(ports, SubscriptionId::from_uuid(item.id)));
    run_due_items(ports, Job::Gifts, ports.clock.now(), BATCH, attempt).await
}

/// Persists the end of a subscription.
async fn end_if_over(ports: &Ports, id: SubscriptionId) -> Result<Settled, Again> {
    let Some(subscription) = ports.store.billing.subscription(SubscriptionSelector::Id(id)).await? else {
        return Ok(Settled::Done);
    };
    let now = ports.clock.now();
    let (before, billing) = load_account(ports, subscription.account, now).await?;
    let name = (subscription.channel, subscription.provider_id.as_str());
    if billing.subscription(name.0, name.1).is_some_and(|known| !known.status.is_final()) {
        return Ok(Settled::Unchanged);
    }
    ports.store.writer.commit(billing.changes_since(&before), now).await?;
    Ok(Settled::Done)
}

/// Ends a gift subscription immediately, with its credits. Returns its new state. No provider reports it, so this
/// state is applied like a provider's response.
pub(super) async fn end_gift_now(
    ports: &Ports,
    subscription: Subscription,
    actor: Actor,
) -> Result<Subscription, BillingError> {
    let change = SubscriptionChange::CancelNow;
    let request = ChangeRequest { subscription, change, reason: None, now: ports.clock.now() };
    let ended = Fact::Subscription(request.carried_out());
    let subscription = request.subscription;
    let channel = subscription.channel;
    let source = FactSource { channel, origin: FactOrigin::Response, actor };
    apply_fact(ports, &source, &ended, None).await?;
    let named = SubscriptionSelector::Provider(channel, &subscription.provider_id);
    let kept = ports.store.billing.subscription(named).await?;
    Ok(kept.unwrap_or(subscription))
}
