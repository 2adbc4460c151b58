//! Splits a call by writer, and merges the answers.

use std::collections::BTreeMap;
use std::sync::Arc;

use billing_core::ledger::{Command, Outcome, Posting};
use billing_core::ports::StoreError;
use billing_core::values::{AccountId, Timestamp};
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::shard::{Shards, Taken};

/// A writer's answer to one job.
pub(crate) type Answer = Result<Vec<Outcome>, StoreError>;

/// The part of a call that one writer posts: the unit that is queued, posted and, after a failure, isolated.
pub(crate) struct Job {
    /// In the order of the call; never empty.
    pub(crate) postings: Vec<Posting>,
    /// The caller's time.
    pub(crate) now: Timestamp,
    /// When it was queued.
    pub(crate) since: Instant,
    /// Whether an earlier attempt may have applied it, so that a failure no longer means that nothing was done.
    pub(crate) in_doubt: bool,
    /// Keeps its accounts with its writer until it is dropped.
    #[expect(dead_code, reason = "nobody asks it anything: it is dropped with the job")]
    pub(crate) taken: Taken,
    /// Closed when the caller was cancelled.
    pub(crate) answer: oneshot::Sender<Answer>,
}

impl Job {
    /// The accounts of its postings.
    pub(crate) fn accounts(&self) -> impl Iterator<Item = AccountId> {
        self.postings.iter().map(|posting| posting.account)
    }

    /// Whether it gives credits and takes none.
    pub(crate) fn only_gives(&self) -> bool {
        let mut commands = self.postings.iter().flat_map(|posting| &posting.commands).peekable();
        commands.peek().is_some() && commands.all(|command| matches!(command, Command::Grant(_)))
    }
}

/// The pending answers of one call.
pub(crate) struct Parts {
    parts: Vec<Part>,
    postings: usize,
}

struct Part {
    /// The positions of these postings in the call.
    places: Vec<usize>,
    answer: oneshot::Receiver<Answer>,
}

/// Some of a call's postings were applied and others were not.
#[derive(Debug, thiserror::Error)]
#[error("{done} of {all} postings were carried out")]
struct DoneInPart {
    done: usize,
    all: usize,
    #[source]
    why: StoreError,
}

/// The writer ended before it answered.
#[derive(Debug, thiserror::Error)]
#[error("the writer ended before it answered")]
struct WriterGone;

/// Splits a call into one job per writer of its accounts, ordered by writer.
pub(crate) fn cut(batch: Vec<Posting>, now: Timestamp, shards: &Arc<Shards>) -> (Vec<(usize, Job)>, Parts) {
    let since = Instant::now();
    let postings = batch.len();
    let writers = shards.of(&batch);
    if let [writer] = *writers.as_slice() {
        // Most calls have one posting, which needs no sorting.
        let (job, answered) = job(batch, now, since, shards);
        let parts = vec![Part { places: vec![0], answer: answered }];
        return (vec![(writer, job)], Parts { parts, postings });
    }
    let mut by_writer: BTreeMap<usize, (Vec<usize>, Vec<Posting>)> = BTreeMap::new();
    for (place, (posting, writer)) in batch.into_iter().zip(writers).enumerate() {
        let (places, postings) = by_writer.entry(writer).or_default();
        places.push(place);
        postings.push(posting);
    }
    let (jobs, parts) = by_writer
        .into_iter()
        .map(|(writer, (places, postings))| {
            let (job, answered) = job(postings, now, since, shards);
            ((writer, job), Part { places, answer: answered })
        })
        .unzip();
    (jobs, Parts { parts, postings })
}

/// The job for one writer, and the receiver of its answer.
fn job(
    postings: Vec<Posting>,
    now: Timestamp,
    since: Instant,
    shards: &Arc<Shards>,
) -> (Job, oneshot::Receiver<Answer>) {
    let (answer, answered) = oneshot::channel();
    let taken = shards.taken(&postings);
    (Job { postings, now, since, in_doubt: false, taken, answer }, answered)
}

impl Parts {
    /// Waits for all writers and answers in the order of the call.
    pub(crate) async fn gather(mut self) -> Answer {
        if self.parts.len() == 1
            && let Some(only) = self.parts.pop()
        {
            // All of the call's postings, in its order.
            return only.answer.await.unwrap_or_else(|_| Err(unknown(WriterGone)));
        }
        let mut outcomes: Vec<(usize, Outcome)> = Vec::with_capacity(self.postings);
        let mut failure = None;
        for Part { places, answer } in self.parts {
            // All parts are awaited even after a failure, so that no posting is still being applied when the caller is
            // answered.
            match answer.await.unwrap_or_else(|_| Err(unknown(WriterGone))) {
                Ok(answers) => outcomes.extend(places.into_iter().zip(answers)),
                Err(error) => failure = Some(worse(failure, error)),
            }
        }
        match failure {
            None => {
                outcomes.sort_unstable_by_key(|(place, _)| *place);
                Ok(outcomes.into_iter().map(|(_, outcome)| outcome).collect())
            }
            Some(why) if outcomes.is_empty() => Err(why),
            Some(why) => {
                let (done, all) = (outcomes.len(), self.postings);
                Err(unknown(DoneInPart { done, all, why }))
            }
        }
    }
}

fn unknown(why: impl std::error::Error + Send + Sync + 'static) -> StoreError {
    StoreError::OutcomeUnknown(Arc::new(why))
}

/// Of two failures, the one that leaves more in doubt.
fn worse(first: Option<StoreError>, second: StoreError) -> StoreError {
    match first {
        Some(first) if !matches!(second, StoreError::OutcomeUnknown(_)) => first,
        _ => second,
    }
}
