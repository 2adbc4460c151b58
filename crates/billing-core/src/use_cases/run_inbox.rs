//! Apply the events that are due.

use super::apply_event::{Applied, apply_event};
use crate::BillingError;
use crate::billing::Ports;
use crate::webhooks::{InboxEvent, InboxState, RetryPolicy};

/// How many events are taken at once.
const BATCH: u32 = 50;
/// For how long nobody else takes them. Short, because this is how long an event waits whose worker died;
/// and it may be, because two workers with one event do no harm: the receipt lets one of them through.
const LEASE_SECONDS: i64 = 5;

/// What a round of a job did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct JobReport {
    /// How many events or accounts were dealt with.
    pub done: u32,
    /// How many events speak of something that we do not know yet.
    pub orphans: u32,
    /// How many failed and will be tried again.
    pub failed: u32,
    /// How many events of those two could not even be marked so: they come again when their lease runs out.
    pub unkept: u32,
}

impl JobReport {
    /// How many events or accounts were looked at; none means that nothing was due.
    pub const fn seen(&self) -> u32 {
        self.done.saturating_add(self.orphans).saturating_add(self.failed)
    }

    pub(super) fn count(&mut self, done: bool) {
        let sum = if done { &mut self.done } else { &mut self.failed };
        *sum = sum.saturating_add(1);
    }
}

/// Applies up to 50 events that are due. One that fails keeps its error and its next try, and holds nobody
/// up.
pub(crate) async fn run_inbox(ports: &Ports) -> Result<JobReport, BillingError> {
    let now = ports.clock.now();
    let due = ports.inbox.claim(now, now.plus_seconds(LEASE_SECONDS), BATCH).await?;
    let mut report = JobReport::default();
    for event in due {
        match apply_event(ports, &event).await {
            Ok(Applied::Done) => report.done = report.done.saturating_add(1),
            Ok(Applied::Orphan(why)) => {
                let kept = keep_attempt(ports, &event, InboxState::Orphan, why.to_owned()).await;
                report.unkept = report.unkept.saturating_add(u32::from(!kept));
                report.orphans = report.orphans.saturating_add(1);
            }
            Err(error) => {
                let kept = keep_attempt(ports, &event, InboxState::Failed, error_text(&error)).await;
                report.unkept = report.unkept.saturating_add(u32::from(!kept));
                report.failed = report.failed.saturating_add(1);
            }
        }
    }
    Ok(report)
}

/// Keeps how a try ended; says whether it could. If even that cannot be written, the lease runs out and the event is tried again:
/// no reason to let those behind it wait.
async fn keep_attempt(ports: &Ports, event: &InboxEvent, state: InboxState, note: String) -> bool {
    // Postgres keeps no NUL in a text, and a problem may quote one.
    let note = note.replace('\0', "\u{fffd}");
    let attempt = RetryPolicy::default().after(event.attempts, state, note, ports.clock.now());
    ports.inbox.put_off(event.id, attempt).await.is_ok()
}

/// The error with everything that it was caused by.
fn error_text(error: &BillingError) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(deeper) = cause {
        text = format!("{text}: {deeper}");
        cause = deeper.source();
    }
    text
}
