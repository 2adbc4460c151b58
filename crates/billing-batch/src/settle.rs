//! Posts a batch until all its jobs are answered.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use billing_core::ledger::{Outcome, Posting};
use billing_core::ports::{LedgerStore, StoreError};
use billing_core::values::AccountId;
use tokio::task::JoinError;
use tokio::time::Instant;

use crate::BatchConfig;
use crate::call::{Answer, Job};
use crate::locked_lane::Locked;
use crate::stats::{Counters, number};

/// The pause before the first retry after `Busy`; it doubles before each further one, with jitter, so that two
/// processes do not collide again.
const BUSY_PAUSE: Duration = Duration::from_millis(10);

/// Posts batches to the store.
#[derive(Clone)]
pub(crate) struct Settler {
    pub(crate) store: Arc<dyn LedgerStore>,
    pub(crate) config: BatchConfig,
    pub(crate) counters: Arc<Counters>,
}

/// Why an attempt failed.
#[derive(Debug)]
enum Failure {
    Store(StoreError),
    /// Before or after the commit.
    Panic(JoinError),
}

/// The store did not answer in time: the batch was applied, was not, or still will be.
#[derive(Debug, thiserror::Error)]
#[error("no answer came within {} ms", .0.as_millis())]
struct NoAnswer(Duration);

/// The store did not return one outcome for each posting.
#[derive(Debug, thiserror::Error)]
#[error("{asked} postings have {answered} outcomes")]
struct Miscounted {
    asked: usize,
    answered: usize,
}

impl Settler {
    /// Posts `jobs` in one transaction if possible, and answers each of them. Returns the jobs that could not be posted
    /// because rows of their accounts are locked.
    pub(crate) async fn settle(&self, jobs: Vec<Job>) -> Locked {
        let mut locked = Locked::default();
        if jobs.is_empty() {
            return locked;
        }
        let postings = jobs.iter().map(|job| job.postings.len()).sum();
        self.counters.batches.add(1);
        self.counters.batch_size.see(number(postings));
        // A stack, so that halves of halves are posted in the order of the batch.
        let mut groups = vec![jobs];
        while let Some(mut jobs) = groups.pop() {
            let mut ended = self.in_time(&jobs, Failure::is_busy).await;
            if matches!(ended, Err(Failure::Store(StoreError::OutcomeUnknown(_)))) {
                self.counters.second_looks.add(1);
                put_in_doubt(&mut jobs);
                // After a connection broke at the commit, the database may take a moment to accept a new one.
                ended = self.in_time(&jobs, |failure| failure.is_busy() || failure.is_unavailable()).await;
            }
            let failure = match ended {
                Ok(outcomes) => {
                    self.tell(jobs, outcomes);
                    continue;
                }
                Err(failure) => failure,
            };
            if failure.leaves_doubt() {
                put_in_doubt(&mut jobs);
            }
            match failure {
                Failure::Store(StoreError::LockTimeout { accounts })
                    if jobs.iter().any(|job| is_held_up(job, &accounts)) =>
                {
                    self.counters.lock_timeouts.add(1);
                    let (held_up, others): (Vec<Job>, Vec<Job>) =
                        jobs.into_iter().partition(|job| is_held_up(job, &accounts));
                    locked.add(held_up, &accounts);
                    if !others.is_empty() {
                        groups.push(others);
                    }
                }
                Failure::Store(StoreError::LockTimeout { .. }) if jobs.len() == 1 => {
                    self.counters.lock_timeouts.add(1);
                    let accounts = jobs.iter().flat_map(Job::accounts).collect();
                    locked.add(jobs, &accounts);
                }
                failure if failure.may_be_about_one() && jobs.len() > 1 => {
                    self.counters.bisects.add(1);
                    let second = jobs.split_off(jobs.len().div_ceil(2));
                    groups.extend([second, jobs]);
                }
                failure => {
                    let rest =
                        if failure.may_be_about_one() { Vec::new() } else { std::mem::take(&mut groups) };
                    let failure = StoreError::from(failure);
                    for job in jobs.into_iter().chain(rest.into_iter().flatten()) {
                        self.fail(job, &failure);
                    }
                }
            }
        }
        locked
    }

    /// Attempts the jobs until the oldest of `jobs` has to be answered. What is in progress then continues by itself.
    async fn in_time(
        &self,
        jobs: &[Job],
        may_pass: impl FnMut(&Failure) -> bool,
    ) -> Result<Vec<Outcome>, Failure> {
        let limit = self.config.answer_within;
        let oldest = jobs.iter().map(|job| job.since).min().unwrap_or_else(Instant::now);
        let end = oldest.checked_add(limit).unwrap_or(oldest);
        if end <= Instant::now() {
            return Err(Failure::Store(StoreError::Busy));
        }
        let ended = tokio::time::timeout_at(end, self.patiently(jobs, may_pass)).await;
        ended.unwrap_or_else(|_| Err(Failure::Store(StoreError::OutcomeUnknown(Arc::new(NoAnswer(limit))))))
    }

    /// Attempts the jobs, and retries a few times after a failure that `may_pass`.
    async fn patiently(
        &self,
        jobs: &[Job],
        may_pass: impl FnMut(&Failure) -> bool,
    ) -> Result<Vec<Outcome>, Failure> {
        let pauses = ExponentialBuilder::default()
            .with_min_delay(BUSY_PAUSE)
            .with_max_times(self.config.busy_retries)
            .with_jitter();
        (|| self.once(jobs)).retry(pauses).when(may_pass).notify(|_, _| self.counters.retries.add(1)).await
    }

    /// One transaction, in its own task: a panic of the store ends that task, not the writer.
    async fn once(&self, jobs: &[Job]) -> Result<Vec<Outcome>, Failure> {
        let batch: Vec<Posting> = jobs.iter().flat_map(|job| &job.postings).cloned().collect();
        let Some(now) = jobs.iter().map(|job| job.now).max() else { return Ok(Vec::new()) };
        let (store, asked) = (self.store.clone(), batch.len());
        match tokio::spawn(async move { store.post(batch, now).await }).await {
            Ok(Ok(outcomes)) if outcomes.len() == asked => Ok(outcomes),
            Ok(Ok(outcomes)) => {
                let miscounted = Miscounted { asked, answered: outcomes.len() };
                Err(Failure::Store(StoreError::OutcomeUnknown(Arc::new(miscounted))))
            }
            Ok(Err(error)) => Err(Failure::Store(error)),
            Err(ended) if ended.is_panic() => {
                self.counters.panics.add(1);
                Err(Failure::Panic(ended))
            }
            Err(ended) => Err(Failure::Store(StoreError::OutcomeUnknown(Arc::new(ended)))),
        }
    }

    fn tell(&self, jobs: Vec<Job>, outcomes: Vec<Outcome>) {
        let mut outcomes = outcomes.into_iter();
        for job in jobs {
            let own = outcomes.by_ref().take(job.postings.len()).collect();
            self.answer(job, Ok(own));
        }
    }

    /// Answers `job` that it was not applied, or that its outcome is unknown.
    pub(crate) fn fail(&self, job: Job, failure: &StoreError) {
        let told = match failure {
            // This attempt did nothing, but the one before may have.
            failure if job.in_doubt && !matches!(failure, StoreError::OutcomeUnknown(_)) => {
                StoreError::OutcomeUnknown(Arc::new(failure.clone()))
            }
            failure => failure.clone(),
        };
        self.answer(job, Err(told));
    }

    fn answer(&self, job: Job, answer: Answer) {
        let micros = u64::try_from(job.since.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.counters.answer_micros.see(micros);
        // A caller that was cancelled meanwhile finds the outcome under its key.
        let _ = job.answer.send(answer);
    }
}

fn is_held_up(job: &Job, locked: &BTreeSet<AccountId>) -> bool {
    job.accounts().any(|account| locked.contains(&account))
}

fn put_in_doubt(jobs: &mut [Job]) {
    for job in jobs {
        job.in_doubt = true;
    }
}

impl Failure {
    /// Whether an attempt with a part of the batch may succeed, because the failure may be caused by one of its
    /// postings.
    fn may_be_about_one(&self) -> bool {
        match self {
            Self::Panic(_) => true,
            Self::Store(error) => matches!(
                error,
                StoreError::Unexpected(_) | StoreError::Corrupt(_) | StoreError::LockTimeout { .. }
            ),
        }
    }

    fn is_busy(&self) -> bool {
        matches!(self, Self::Store(StoreError::Busy))
    }

    fn is_unavailable(&self) -> bool {
        matches!(self, Self::Store(StoreError::Unavailable(_)))
    }

    fn leaves_doubt(&self) -> bool {
        matches!(self, Self::Panic(_) | Self::Store(StoreError::OutcomeUnknown(_)))
    }
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Store(error) => error,
            Failure::Panic(ended) => Self::OutcomeUnknown(Arc::new(ended)),
        }
    }
}
