//! End subscriptions that were begun beside a live one, and give their money back.

use super::manage_subscription::take_answer;
use super::refund_payment::refund_rest;
use super::retry::{Again, retry};
use super::run_inbox::JobReport;
use crate::BillingError;
use crate::billing::Ports;
use crate::changes::Changes;
use crate::ledger::Actor;
use crate::payments::{ChangeRequest, SubscriptionChange};
use crate::ports::{ProviderError, SubscriptionFilter};
use crate::subscriptions::{Standing, Subscription};
use crate::values::{PageRequest, Position};

use super::CheckoutRefusal;

/// How many subscriptions are taken at once.
const BATCH: u32 = 20;
/// How many are looked at in one run.
const MOST: u32 = 200;

/// Ends up to 200 subscriptions that were begun beside a live one and gives back what was paid for them. Whatever comes in
/// for one later is given back in a later run. What a provider refuses is marked as stuck, for an operator; what is not
/// certain is tried again.
///
/// # Errors
///
/// [`BillingError::Store`] if the store failed; what was done stays done.
pub(crate) async fn return_superfluous(ports: &Ports) -> Result<JobReport, BillingError> {
    let filter =
        SubscriptionFilter { standing: Some(Standing::Superfluous), ..SubscriptionFilter::default() };
    let page = PageRequest { limit: BATCH, position: Position::Offset(0) };
    let mut report = JobReport::default();
    let mut found = ports.sales.all_subscriptions(&filter, &page).await?;
    loop {
        one_page(ports, &found.items, &mut report).await?;
        // Those that fail stay in front of the list, and must not keep the others waiting.
        let Some(next) = found.next.filter(|_| report.seen() < MOST) else { return Ok(report) };
        let page = PageRequest { limit: BATCH, position: Position::After(next) };
        found = ports.sales.all_subscriptions(&filter, &page).await?;
    }
}

async fn one_page(
    ports: &Ports,
    superfluous: &[Subscription],
    report: &mut JobReport,
) -> Result<(), BillingError> {
    for subscription in superfluous {
        let (standing, seen) = match give_up(ports, subscription).await {
            Ok(seen) => (Standing::Returned, Some(seen)),
            Err(BillingError::Store(error)) => return Err(error.into()),
            Err(BillingError::Provider(ProviderError::Refused { .. } | ProviderError::Unsupported(_))) => {
                report.failed = report.failed.saturating_add(1);
                (Standing::Stuck, None)
            }
            Err(_) => {
                report.failed = report.failed.saturating_add(1);
                continue;
            }
        };
        report.count(retry(|| mark(ports, subscription, standing, seen)).await?);
    }
    Ok(())
}

/// Answers how many payments it has dealt with.
async fn give_up(ports: &Ports, subscription: &Subscription) -> Result<usize, BillingError> {
    let channel = subscription.channel;
    let provider = ports.provider(channel).ok_or(CheckoutRefusal::ChannelNotConfigured(channel))?;
    if !subscription.status.is_final() {
        let change = SubscriptionChange::CancelNow;
        let request = ChangeRequest { subscription: subscription.clone(), change, now: ports.clock.now() };
        let answered = provider.change_subscription(&request).await?;
        take_answer(ports, request.subscription, &answered).await?;
    }
    let paid = ports.payments.payments_of_subscription(channel, &subscription.provider_id).await?;
    let seen = paid.len();
    for payment in paid {
        let actor = Actor::Provider(format!("{channel}:{}", subscription.provider_id));
        refund_rest(ports, payment, actor).await?;
    }
    Ok(seen)
}

/// Says whether its standing is another one now. Where more was paid than the payments `seen`, it stays as it is, for
/// another run; a payment that is noted only now changes the subscription's row, so that this one reads again.
async fn mark(
    ports: &Ports,
    subscription: &Subscription,
    standing: Standing,
    seen: Option<usize>,
) -> Result<bool, Again> {
    let (channel, name) = (subscription.channel, &subscription.provider_id);
    let found = ports.subscriptions.subscription_by_provider_id(channel, name).await?;
    let Some(known) = found.filter(|known| known.standing == Standing::Superfluous) else { return Ok(false) };
    let paid = ports.payments.payments_of_subscription(channel, name).await?;
    if seen.is_some_and(|seen| seen < paid.len()) {
        return Ok(false);
    }
    let changes = Changes { subscriptions: vec![Subscription { standing, ..known }], ..Changes::default() };
    ports.store.commit(changes, ports.clock.now()).await?;
    Ok(true)
}
