//! Apply the events that are due.

use futures_util::stream::{self, StreamExt};

use super::apply_event::{Applied, apply_event};
use super::run_items::note;
use crate::BillingError;
use crate::billing::Ports;
use crate::jobs::JobReport;
use crate::webhooks::{InboxEvent, InboxState, RetryPolicy};

/// How many events are taken at once.
const BATCH: u32 = 50;
/// How many of them are applied at once: one that waits for a lock holds up no other.
const AT_ONCE: usize = 4;
/// For how long nobody else takes them. Short, because this is how long an event waits whose worker died;
/// and it may be, because two workers with one event do no harm: the receipt lets one of them through.
const LEASE_SECONDS: i64 = 5;

/// Applies up to 50 events that are due. One that fails keeps its error and its next try, and holds nobody
/// up.
pub(crate) async fn run_inbox(ports: &Ports) -> Result<JobReport, BillingError> {
    let now = ports.clock.now();
    let due = ports.inbox.claim(now, now.plus_seconds(LEASE_SECONDS), BATCH).await?;
    let applied = stream::iter(due).map(|event| apply(ports, event)).buffer_unordered(AT_ONCE);
    Ok(applied.fold(JobReport::default(), async |report, one| report.plus(one)).await)
}

async fn apply(ports: &Ports, event: InboxEvent) -> JobReport {
    let (state, why) = match apply_event(ports, &event).await {
        Ok(Applied::Done) => return JobReport { done: 1, ..JobReport::default() },
        Ok(Applied::Orphan(why)) => (InboxState::Orphan, why.to_owned()),
        Err(error) => (InboxState::Failed, note(&error)),
    };
    let orphans = u32::from(state == InboxState::Orphan);
    let failed = u32::from(state == InboxState::Failed);
    let attempt = RetryPolicy::default().after(event.attempts, state, why, ports.clock.now());
    // If even that cannot be written, the lease runs out and the event is tried again: no reason to let those behind
    // it wait.
    let kept = ports.inbox.put_off(event.id, attempt).await.is_ok();
    JobReport { orphans, failed, unkept: u32::from(!kept), ..JobReport::default() }
}
