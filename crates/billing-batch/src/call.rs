//! A call, cut up by writer and put together again.

use std::collections::BTreeMap;
use std::sync::Arc;

use billing_core::ledger::{Command, Outcome, Posting};
use billing_core::ports::StoreError;
use billing_core::values::{AccountId, Timestamp};
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::shard::{Shards, Taken};

/// What a writer answers to one job.
pub(crate) type Answer = Result<Vec<Outcome>, StoreError>;

/// What one call asks of one writer: the unit that is queued, carried out and, when something is wrong,
/// singled out.
pub(crate) struct Job {
    /// In the order of the call; never empty.
    pub(crate) postings: Vec<Posting>,
    /// The caller's now.
    pub(crate) now: Timestamp,
    /// When it was put into the queue.
    pub(crate) since: Instant,
    /// Whether an earlier try may have carried it out, so that no failure means "nothing was done" any more.
    pub(crate) in_doubt: bool,
    /// Keeps its accounts with its writer.
    #[expect(dead_code, reason = "nobody asks it anything: it is dropped with the job")]
    pub(crate) taken: Taken,
    /// Closed when the caller has gone away.
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

/// Where a call's answers come from.
pub(crate) struct Parts {
    parts: Vec<Part>,
    postings: usize,
}

struct Part {
    /// Which of the call's postings these are.
    places: Vec<usize>,
    answer: oneshot::Receiver<Answer>,
}

/// Some of a call's postings were carried out and others were not.
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

/// Cuts a call into the jobs of the writers that its accounts belong to, by writer.
pub(crate) fn cut(batch: Vec<Posting>, now: Timestamp, shards: &Arc<Shards>) -> (Vec<(usize, Job)>, Parts) {
    let since = Instant::now();
    let postings = batch.len();
    let writers = shards.of(&batch);
    if let [writer] = *writers.as_slice() {
        // Most calls are of one posting: nothing to sort.
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

/// What is asked of one writer, and where its answer comes from.
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
    /// Waits for every writer and answers in the order of the call.
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
            // Everybody is waited for, also after a failure: what is told must not be overtaken by what is
            // still being done.
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

/// Of two failures the one after which less is known.
fn worse(first: Option<StoreError>, second: StoreError) -> StoreError {
    match first {
        Some(first) if !matches!(second, StoreError::OutcomeUnknown(_)) => first,
        _ => second,
    }
}
