//! Carrying out a batch until everybody in it has an answer.

use std::sync::Arc;
use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use billing_core::ledger::{Outcome, Posting};
use billing_core::ports::{LedgerStore, StoreError};
use tokio::task::JoinError;

use crate::call::{Answer, Job};
use crate::stats::{Counters, number};

/// How long to wait before the first try after a busy one; twice as long before each further one, and some
/// chance, so that two processes do not meet again.
const BUSY_PAUSE: Duration = Duration::from_millis(10);

/// Carries out batches on the store behind.
#[derive(Clone)]
pub(crate) struct Settler {
    pub(crate) store: Arc<dyn LedgerStore>,
    pub(crate) busy_retries: usize,
    pub(crate) counters: Arc<Counters>,
}

/// Jobs that are to be tried together.
struct Group {
    jobs: Vec<Job>,
    /// Whether an earlier try may have done them, so that no failure means "nothing was done" any more.
    in_doubt: bool,
}

/// How a try failed.
#[derive(Debug)]
enum Failure {
    Store(StoreError),
    /// Somewhere on the way; before the commit or after it.
    Panic(JoinError),
}

/// The store answered something else than one outcome for each posting.
#[derive(Debug, thiserror::Error)]
#[error("{asked} postings have {answered} outcomes")]
struct Miscounted {
    asked: usize,
    answered: usize,
}

impl Settler {
    /// Carries out `jobs` in one transaction where it can, and answers each of them, in any case.
    pub(crate) async fn settle(&self, jobs: Vec<Job>) {
        let postings = jobs.iter().map(|job| job.postings.len()).sum();
        self.counters.batches.add(1);
        self.counters.batch_size.see(number(postings));
        // The last one is next, so that halves of halves are done in the order of the batch.
        let mut groups = vec![Group { jobs, in_doubt: false }];
        while let Some(Group { jobs, mut in_doubt }) = groups.pop() {
            let mut ended = self.patiently(&jobs, Failure::is_busy).await;
            if matches!(ended, Err(Failure::Store(StoreError::OutcomeUnknown(_)))) {
                self.counters.second_looks.add(1);
                in_doubt = true;
                // A connection that broke at the commit may take a moment to come back.
                ended = self.patiently(&jobs, |failure| failure.is_busy() || failure.is_unavailable()).await;
            }
            let failure = match ended {
                Ok(outcomes) => {
                    self.tell(jobs, outcomes);
                    continue;
                }
                Err(failure) => failure,
            };
            in_doubt |= failure.leaves_doubt();
            if !failure.may_be_about_one() {
                let failure = StoreError::from(failure);
                for group in groups.drain(..).chain([Group { jobs, in_doubt }]) {
                    self.tell_failure(group, &failure);
                }
            } else if jobs.len() == 1 {
                self.tell_failure(Group { jobs, in_doubt }, &failure.into());
            } else {
                self.counters.bisects.add(1);
                let mut first = jobs;
                let second = first.split_off(first.len().div_ceil(2));
                groups.push(Group { jobs: second, in_doubt });
                groups.push(Group { jobs: first, in_doubt });
            }
        }
    }

    /// Tries, and again a few times after a failure that `may_pass`.
    async fn patiently(
        &self,
        jobs: &[Job],
        may_pass: impl FnMut(&Failure) -> bool,
    ) -> Result<Vec<Outcome>, Failure> {
        let pauses = ExponentialBuilder::default()
            .with_min_delay(BUSY_PAUSE)
            .with_max_times(self.busy_retries)
            .with_jitter();
        (|| self.once(jobs)).retry(pauses).when(may_pass).notify(|_, _| self.counters.retries.add(1)).await
    }

    /// One transaction, in a task of its own: a panic of the store ends that task and not the writer.
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

    fn tell_failure(&self, group: Group, failure: &StoreError) {
        let told = match failure {
            StoreError::OutcomeUnknown(_) => failure.clone(),
            // This try did nothing, but the one before it may have.
            _ if group.in_doubt => StoreError::OutcomeUnknown(Arc::new(failure.clone())),
            _ => failure.clone(),
        };
        for job in group.jobs {
            self.answer(job, Err(told.clone()));
        }
    }

    fn answer(&self, job: Job, answer: Answer) {
        let micros = u64::try_from(job.since.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.counters.answer_micros.see(micros);
        // Whoever went away meanwhile finds it under its key.
        let _ = job.answer.send(answer);
    }
}

impl Failure {
    /// Whether another try of a part of the batch may well succeed: there is something about one of its
    /// postings that the store cannot do.
    fn may_be_about_one(&self) -> bool {
        match self {
            Self::Panic(_) => true,
            Self::Store(error) => matches!(error, StoreError::Unexpected(_) | StoreError::Corrupt(_)),
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
