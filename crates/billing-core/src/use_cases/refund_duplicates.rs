//! Cancels and refunds duplicate subscriptions.

use std::collections::BTreeSet;

use super::load_billing::load_named;
use super::manage_subscription::apply_provider_response;
use super::refund_payment::refund_rest;
use super::retry::{Again, retry};
use super::run_items::{Settled, run_due_items};
use crate::BillingError;
use crate::account_billing::FactRefs;
use crate::billing::Ports;
use crate::jobs::{Job, JobReport};
use crate::ledger::Actor;
use crate::payments::{ChangeRequest, SubscriptionChange};
use crate::ports::{DueItem, PaymentQuery, ProviderError, SubscriptionSelector};
use crate::subscriptions::{Subscription, SubscriptionRole};
use crate::values::{PaymentId, SubscriptionId};

use super::CheckoutRefusal;

/// The number of subscriptions of a run.
const BATCH: u32 = 100;

/// Cancels up to 100 duplicate subscriptions and refunds their payments. Later payments are refunded in a later run. A
/// refusal of the provider marks the subscription as unresolved, for an operator; an unknown outcome is retried.
///
/// # Errors
///
/// As [`run_due_items`].
pub(crate) async fn refund_duplicates(ports: &Ports) -> Result<JobReport, BillingError> {
    let attempt = |item: DueItem| return_one(ports, SubscriptionId::from_uuid(item.id));
    run_due_items(ports, Job::Duplicates, ports.clock.now(), BATCH, attempt).await
}

async fn return_one(ports: &Ports, id: SubscriptionId) -> Result<Settled, BillingError> {
    let found = ports.store.billing.subscription(SubscriptionSelector::Id(id)).await?;
    let duplicate = found.filter(|known| known.role == SubscriptionRole::Duplicate);
    let Some(subscription) = &duplicate else { return Ok(Settled::Done) };
    let (role, refunded, settled) = match give_up(ports, subscription).await {
        Ok(refunded) => (SubscriptionRole::DuplicateRefunded, Some(refunded), Settled::Done),
        Err(BillingError::Provider(error))
            if error.is_refusal() || matches!(error, ProviderError::Unsupported(_)) =>
        {
            (SubscriptionRole::DuplicateUnresolved, None, Settled::GivenUp)
        }
        Err(error) => return Err(error),
    };
    retry(ports, || mark(ports, subscription, role, refunded.as_ref())).await?;
    Ok(settled)
}

/// Returns the processed payments.
async fn give_up(ports: &Ports, subscription: &Subscription) -> Result<BTreeSet<PaymentId>, BillingError> {
    let channel = subscription.channel;
    let provider = ports.provider(channel).ok_or(CheckoutRefusal::ChannelNotConfigured(channel))?;
    if !subscription.status.is_final() {
        let change = SubscriptionChange::CancelNow;
        let (subscription, reason) = (subscription.clone(), None);
        let request = ChangeRequest { subscription, change, reason, now: ports.clock.now() };
        let answered = provider.change_subscription(&request).await?;
        apply_provider_response(ports, request.subscription, answered).await?;
    }
    let all = PaymentQuery::Subscription { channel, id: &subscription.provider_id, since: None };
    let paid = ports.store.billing.payments(all).await?;
    let refunded = paid.iter().map(|payment| payment.id).collect();
    for payment in paid {
        let actor = Actor::Provider(format!("{channel}:{}", subscription.provider_id));
        refund_rest(ports, payment, actor).await?;
    }
    Ok(refunded)
}

/// Sets its role. If more was paid than `refunded`, it is left for another run; a payment that is recorded meanwhile
/// changes the account's row, so this decision is repeated.
async fn mark(
    ports: &Ports,
    subscription: &Subscription,
    role: SubscriptionRole,
    refunded: Option<&BTreeSet<PaymentId>>,
) -> Result<(), Again> {
    let (channel, id, now) = (subscription.channel, &subscription.provider_id, ports.clock.now());
    let refs = FactRefs { subscription: Some(id), ..FactRefs::default() };
    let Some((before, mut billing)) = load_named(ports, channel, &refs, now).await? else { return Ok(()) };
    let paid: Vec<_> = billing.payments_for(channel, id).map(|payment| payment.id).collect();
    let more = refunded.is_some_and(|refunded| paid.iter().any(|payment| !refunded.contains(payment)));
    let known = billing.subscriptions.iter_mut().find(|known| known.id == subscription.id);
    if let Some(known) = known.filter(|known| known.role == SubscriptionRole::Duplicate && !more) {
        known.role = role;
        ports.store.writer.commit(billing.changes_since(&before), now).await?;
    }
    Ok(())
}
