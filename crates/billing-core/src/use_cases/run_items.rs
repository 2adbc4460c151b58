//! Runs a job's items so that none delays another.

use std::collections::BTreeMap;
use std::future::Future;
use std::time::Duration;

use futures_util::stream::{self, BoxStream, StreamExt};

use super::in_time::in_time;
use crate::BillingError;
use crate::billing::Ports;
use crate::jobs::{Backoff, CallOutcome, Job, JobReport};
use crate::payments::Channel;
use crate::ports::{DueItem, DueQuery, ProviderError, RescheduledItem, StoreError};
use crate::values::Timestamp;

/// The concurrent calls to one provider.
const PROVIDER_CALLS: usize = 8;
/// The concurrent items without provider calls: requests need the database's connections as well.
const LOCAL_ITEMS: usize = 4;
/// The limit of an item without provider calls.
const LOCAL_ATTEMPT: Duration = Duration::from_secs(10);
/// The limit of any other item.
const PROVIDER_ATTEMPT: Duration = Duration::from_mins(3);
/// The maximum length of a stored error, in characters.
const NOTE: usize = 500;

/// The result of a successful attempt at an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Settled {
    /// It is done, here or concurrently elsewhere.
    Done,
    /// It is left to an operator, and marked so.
    GivenUp,
    /// It is still due: nothing could be done about it yet.
    Unchanged,
}

/// Attempts up to `limit` items of `job` that were due by `by`, concurrently, and grouped by provider: a hanging
/// provider does not block another. A failed item is rescheduled with backoff, so that the next run reaches those
/// behind it. While a provider's circuit breaker is open, its items are rescheduled without an attempt.
///
/// # Errors
///
/// [`BillingError::Store`] if due items cannot be read, or a failed one cannot be rescheduled. Completed work stays
/// done.
pub(super) async fn run_due_items<'a, F>(
    ports: &'a Ports,
    job: Job,
    by: Timestamp,
    limit: u32,
    attempt: impl Fn(DueItem) -> F + Send + Sync + 'a,
) -> Result<JobReport, BillingError>
where
    F: Future<Output = Result<Settled, BillingError>> + Send + 'a,
{
    let query = DueQuery { job, by, now: ports.clock.now(), limit };
    run_items(ports, job, ports.store.jobs.due(&query).await?, attempt).await
}

/// The same with items that were read before.
pub(super) async fn run_items<'a, F>(
    ports: &'a Ports,
    job: Job,
    items: Vec<DueItem>,
    attempt: impl Fn(DueItem) -> F + Send + Sync + 'a,
) -> Result<JobReport, BillingError>
where
    F: Future<Output = Result<Settled, BillingError>> + Send + 'a,
{
    let mut report = JobReport::default();
    let mut by_channel: BTreeMap<Option<Channel>, Vec<DueItem>> = BTreeMap::new();
    for item in items {
        by_channel.entry(item.channel).or_default().push(item);
    }
    let attempt = &attempt;
    let mut groups: Vec<BoxStream<'_, Result<JobReport, BillingError>>> = Vec::new();
    for (channel, items) in by_channel {
        let open = channel.and_then(|channel| ports.breakers.open_until(channel, ports.clock.now()));
        if let Some(until) = open {
            report = report.plus(defer(ports, job, items, until).await?);
            continue;
        }
        let most = if channel.is_some() { PROVIDER_CALLS } else { LOCAL_ITEMS };
        let group = stream::iter(items).map(move |item| run_item(ports, job, item, attempt));
        groups.push(group.buffer_unordered(most).boxed());
    }
    let mut attempted = stream::select_all(groups);
    while let Some(one) = attempted.next().await {
        report = report.plus(one?);
    }
    Ok(report)
}

async fn run_item<'a, F>(
    ports: &'a Ports,
    job: Job,
    item: DueItem,
    attempt: &(impl Fn(DueItem) -> F + Send + Sync + 'a),
) -> Result<JobReport, BillingError>
where
    F: Future<Output = Result<Settled, BillingError>> + Send + 'a,
{
    if let Some(channel) = item.channel
        && let Err(until) = ports.breakers.admit(channel, ports.clock.now())
    {
        return defer(ports, job, vec![item], until).await;
    }
    let ended = in_time(ports, bound(&item), attempt(item.clone())).await.unwrap_or_else(|| too_slow(&item));
    let now = ports.clock.now();
    if let Some(channel) = item.channel {
        ports.breakers.record(channel, call_outcome(&ended), now, ports.timer.random());
    }
    let one = JobReport::default();
    let (report, note) = match ended {
        Ok(Settled::Done) => (JobReport { done: 1, ..one }, None),
        Ok(Settled::GivenUp) => (JobReport { failed: 1, ..one }, None),
        Ok(Settled::Unchanged) => (JobReport { deferred: 1, ..one }, Some("nothing to do yet".to_owned())),
        Err(error) => (JobReport { failed: 1, ..one }, Some(note(&error))),
    };
    if let Some(note) = note {
        let attempts = item.attempts.saturating_add(1);
        let not_before = Backoff::ITEM.not_before(now, attempts, ports.timer.random());
        let item = RescheduledItem { id: item.id, attempts, not_before, note };
        ports.store.jobs.reschedule(job, vec![item], now).await?;
    } else if item.attempts > 0 {
        ports.store.jobs.clear_attempts(job, item.id).await?;
    }
    Ok(report)
}

/// The limit of an attempt. Each call to a provider has its own deadline.
fn bound(item: &DueItem) -> Duration {
    if item.channel.is_some() { PROVIDER_ATTEMPT } else { LOCAL_ATTEMPT }
}

fn too_slow(item: &DueItem) -> Result<Settled, BillingError> {
    if item.channel.is_some() {
        let message = "the attempt took too long".to_owned();
        return Err(ProviderError::Unknown { message, request_id: None }.into());
    }
    Err(StoreError::Busy.into())
}

/// Reschedules items to the time when their provider may be called again.
async fn defer(
    ports: &Ports,
    job: Job,
    items: Vec<DueItem>,
    until: Timestamp,
) -> Result<JobReport, BillingError> {
    let deferred = u32::try_from(items.len()).unwrap_or(u32::MAX);
    let rescheduled = |item: DueItem| RescheduledItem {
        id: item.id,
        attempts: item.attempts,
        not_before: until,
        note: "the provider's circuit breaker is open".to_owned(),
    };
    let items = items.into_iter().map(rescheduled).collect();
    ports.store.jobs.reschedule(job, items, ports.clock.now()).await?;
    Ok(JobReport { deferred, ..JobReport::default() })
}

fn call_outcome(ended: &Result<Settled, BillingError>) -> CallOutcome {
    match ended {
        Ok(_) => CallOutcome::Answered,
        Err(BillingError::Provider(error)) if error.is_refusal() => CallOutcome::Answered,
        Err(BillingError::Provider(ProviderError::Unknown { .. })) => CallOutcome::Unknown,
        Err(_) => CallOutcome::Undecided,
    }
}

/// The error with all its causes, in the stored form.
pub(super) fn note(error: &BillingError) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(deeper) = cause {
        text = format!("{text}: {deeper}");
        cause = deeper.source();
    }
    // Postgres cannot store NUL in text, and an error may quote one.
    text.replace('\0', "\u{fffd}").chars().take(NOTE).collect()
}
