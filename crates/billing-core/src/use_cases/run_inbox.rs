//! Apply the events that are due.

use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt};

use super::apply_event::{Applied, apply_event};
use super::in_time::in_time;
use super::run_items::note;
use crate::BillingError;
use crate::billing::Ports;
use crate::jobs::JobReport;
use crate::ports::StoreError;
use crate::webhooks::{InboxEvent, InboxState, RetryPolicy};

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
    let due = ports.inbox.claim(now, now.plus_seconds(LEASE_SECONDS), BATCH).await?;
    let attempt = |event: InboxEvent| async move { (apply(ports, &event).await, event) };
    let mut attempted = due.into_iter().map(attempt).collect::<FuturesUnordered<_>>();
    let (mut report, mut again) = (JobReport::default(), Vec::new());
    while let Some((ended, event)) = attempted.next().await {
        match ended {
            Ok(Applied::Orphan(_)) | Err(Failed::With(BillingError::Store(StoreError::Busy))) => {
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

async fn apply(ports: &Ports, event: &InboxEvent) -> Result<Applied, Failed> {
    let applied = in_time(ports, ATTEMPT, apply_event(ports, event)).await;
    applied.ok_or(Failed::TooSlow)?.map_err(Failed::With)
}

/// Keeps how an attempt ended that did not succeed.
async fn settle(ports: &Ports, event: &InboxEvent, ended: Result<Applied, Failed>) -> JobReport {
    let (state, why) = match ended {
        Ok(Applied::Done) => return JobReport { done: 1, ..JobReport::default() },
        Ok(Applied::Orphan(why)) => (InboxState::Orphan, why.to_owned()),
        Err(Failed::With(error)) => (InboxState::Failed, note(&error)),
        Err(Failed::TooSlow) => (InboxState::Failed, "it took too long".to_owned()),
    };
    let orphans = u32::from(state == InboxState::Orphan);
    let failed = u32::from(state == InboxState::Failed);
    let attempt = RetryPolicy::default().after(event.attempts, state, why, ports.clock.now());
    // If even that cannot be written, the lease runs out and the event is tried again: no reason to let those behind
    // it wait.
    let kept = ports.inbox.record_attempt(event.id, attempt).await.is_ok();
    JobReport { orphans, failed, unrecorded: u32::from(!kept), ..JobReport::default() }
}
