//! Applies due events of the inbox.

use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt};

use super::apply_fact::apply_fact;
use super::in_time::in_time;
use super::read_payment::read_payment;
use super::read_subscription::{read_subscription, unknown_subscription};
use super::run_items::note;
use crate::BillingError;
use crate::account_billing::{FactSource, Outcome};
use crate::billing::Ports;
use crate::jobs::JobReport;
use crate::payments::Fact;
use crate::ports::StoreError;
use crate::webhooks::{InboxEvent, InboxState, RetryPolicy, WebhookRefusal};

/// The number of events of a run.
const BATCH: u32 = 50;
/// The limit of one event. Events are applied concurrently, so that those that wait for a locked account do not delay
/// others, and the round takes no longer than this; slower ones are retried later.
const ATTEMPT: Duration = Duration::from_secs(2);
/// The lease of an event, in seconds. It is short, because an event whose worker died waits for it; two workers with
/// one event do no harm, because the receipt lets one of them commit.
const LEASE_SECONDS: i64 = 5;

/// Applies up to 50 due events. A failed one is stored with its error and next attempt, and does not delay others.
///
/// An event of an unknown object, or with repeated conflicts, is retried once by itself after the others are applied:
/// one of them may have created the object.
pub(crate) async fn run_inbox(ports: &Ports) -> Result<JobReport, BillingError> {
    let now = ports.clock.now();
    let due = ports.store.inbox.claim(now, now.plus_seconds(LEASE_SECONDS), BATCH).await?;
    let attempt = |event: InboxEvent| async move { (apply(ports, &event).await, event) };
    let mut attempted = due.into_iter().map(attempt).collect::<FuturesUnordered<_>>();
    let (mut report, mut again) = (JobReport::default(), Vec::new());
    while let Some((ended, event)) = attempted.next().await {
        match ended {
            Ok(Outcome::Unknown(_)) | Err(Failed::With(BillingError::Store(StoreError::Busy))) => {
                again.push((ended, event));
            }
            ended => report = report.plus(settle(ports, &event, ended).await),
        }
    }
    again.sort_by_key(|(_, event)| (event.received_at, event.id));
    let mut quick = true;
    for (mut ended, event) in again {
        if quick {
            ended = apply(ports, &event).await;
            quick = !matches!(ended, Err(Failed::TooSlow));
        }
        report = report.plus(settle(ports, &event, ended).await);
    }
    Ok(report)
}

/// Why an event was not applied.
enum Failed {
    With(BillingError),
    TooSlow,
}

async fn apply(ports: &Ports, event: &InboxEvent) -> Result<Outcome, Failed> {
    let applied = in_time(ports, ATTEMPT, read_and_apply(ports, event)).await;
    applied.ok_or(Failed::TooSlow)?.map_err(Failed::With)
}

/// The event's fact is read by its provider's adapter.
async fn read_and_apply(ports: &Ports, event: &InboxEvent) -> Result<Outcome, BillingError> {
    let provider = ports.provider(event.channel).ok_or(WebhookRefusal::ChannelNotConfigured)?;
    let fact = provider.read(event).map_err(|problem| BillingError::Invalid { field: "event", problem })?;
    let fact = match fact {
        Fact::Partial(partial) => provider.complete(&partial, event.created_at).await?,
        fact => fact,
    };
    let source = FactSource::event(event.channel, &event.event_id);
    if let Some(subscription) = unknown_subscription(ports, event.channel, &fact).await?
        && apply_fact(ports, &source, &fact, None).await?.changes()
    {
        // The fact counts by now. Where the provider does not answer, the event is tried again until it does.
        match read_subscription(ports, event.channel, &subscription).await {
            // The provider does not know it: there is nothing to read, now or later.
            Err(BillingError::Provider(error)) if error.is_refusal() => {}
            read => read?,
        }
    }
    let outcome = apply_fact(ports, &source, &fact, Some(event.id)).await?;
    // At the first attempt the payment's own event is usually about to come; a payment that is not ours is never found, and
    // not asked for at each of the many attempts.
    if let (Outcome::Unknown(_), Fact::Reversal(reversal)) = (outcome, &fact)
        && event.attempts > 1
        && event.attempts.is_power_of_two()
        && read_payment(ports, event.channel, &reversal.payment).await?
    {
        return apply_fact(ports, &source, &fact, Some(event.id)).await;
    }
    Ok(outcome)
}

/// Records a failed attempt.
async fn settle(ports: &Ports, event: &InboxEvent, ended: Result<Outcome, Failed>) -> JobReport {
    let (state, why) = match ended {
        Ok(Outcome::Unknown(why)) => (InboxState::Orphan, why.to_owned()),
        Ok(outcome) => {
            let needs_operator = u32::from(matches!(outcome, Outcome::NeedsOperator(_)));
            return JobReport { done: 1, needs_operator, ..JobReport::default() };
        }
        Err(Failed::With(error)) => (InboxState::Failed, note(&error)),
        Err(Failed::TooSlow) => (InboxState::Failed, "it took too long".to_owned()),
    };
    let orphans = u32::from(state == InboxState::Orphan);
    let failed = u32::from(state == InboxState::Failed);
    let attempt = RetryPolicy::default().after(event.attempts, state, why, ports.clock.now());
    // If even that fails, the lease expires and the event is retried; the events behind it continue.
    let kept = ports.store.inbox.record_attempt(event.id, attempt).await.is_ok();
    JobReport { orphans, failed, unrecorded: u32::from(!kept), ..JobReport::default() }
}
