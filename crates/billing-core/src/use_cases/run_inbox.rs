//! Apply the events that are due.

use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt};

use super::apply_fact::apply_fact;
use super::in_time::in_time;
use super::run_items::note;
use crate::BillingError;
use crate::account_billing::{FactSource, Outcome};
use crate::billing::Ports;
use crate::jobs::JobReport;
use crate::ports::StoreError;
use crate::webhooks::{InboxEvent, InboxState, RetryPolicy, WebhookRefusal};

/// How many events are taken at once.
const BATCH: u32 = 50;
/// How long one may take. They are applied all at once, so that those which wait for a locked account hold up no
/// others, and the round no longer than this; what takes longer is tried again later.
const ATTEMPT: Duration = Duration::from_secs(2);
/// For how long nobody else takes them. Short, because this is how long an event waits whose worker died;
/// and it may be, because two workers with one event do no harm: the receipt lets one of them through.
const LEASE_SECONDS: i64 = 5;

/// Applies up to 50 events that are due. One that fails keeps its error and its next try, and holds nobody
/// up.
///
/// An event that speaks of something unknown, or that others were always faster than, is tried once more by itself when
/// the others are applied: one of them may have told what it speaks of.
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

/// What the event states is what its provider's adapter reads in it.
async fn read_and_apply(ports: &Ports, event: &InboxEvent) -> Result<Outcome, BillingError> {
    let provider = ports.provider(event.channel).ok_or(WebhookRefusal::ChannelNotConfigured)?;
    let fact = provider.read(event).map_err(|problem| BillingError::Invalid { field: "event", problem })?;
    apply_fact(ports, &FactSource::event(event.channel, &event.event_id), &fact, Some(event.id)).await
}

/// Keeps how an attempt ended that did not succeed.
async fn settle(ports: &Ports, event: &InboxEvent, ended: Result<Outcome, Failed>) -> JobReport {
    let (state, why) = match ended {
        Ok(Outcome::Unknown(why)) => (InboxState::Orphan, why.to_owned()),
        Ok(_) => return JobReport { done: 1, ..JobReport::default() },
        Err(Failed::With(error)) => (InboxState::Failed, note(&error)),
        Err(Failed::TooSlow) => (InboxState::Failed, "it took too long".to_owned()),
    };
    let orphans = u32::from(state == InboxState::Orphan);
    let failed = u32::from(state == InboxState::Failed);
    let attempt = RetryPolicy::default().after(event.attempts, state, why, ports.clock.now());
    // If even that cannot be written, the lease runs out and the event is tried again: no reason to let those behind
    // it wait.
    let kept = ports.store.inbox.record_attempt(event.id, attempt).await.is_ok();
    JobReport { orphans, failed, unrecorded: u32::from(!kept), ..JobReport::default() }
}
