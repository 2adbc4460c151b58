//! The callers of one kind of read, and the tasks that serve them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use billing_core::ports::StoreError;
use billing_core::values::AccountId;
use futures_util::future::BoxFuture;
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::time::Instant;

use super::ReadConfig;
use crate::stuck::Stuck;

/// The answers for the requested accounts, in their order.
type Answer<T> = Result<Vec<Option<T>>, StoreError>;

/// Queries the store.
type Read<T> = Arc<dyn Fn(Vec<AccountId>) -> BoxFuture<'static, Answer<T>> + Send + Sync>;

/// The queue of one kind of read.
pub(super) struct Lane<T> {
    callers: mpsc::Sender<Caller<T>>,
}

struct Caller<T> {
    accounts: Vec<AccountId>,
    /// When it was queued.
    since: Instant,
    answer: oneshot::Sender<Answer<T>>,
}

/// The reader ended before it answered, because its runtime did.
#[derive(Debug, thiserror::Error)]
#[error("the reader ended before it answered")]
struct ReaderGone;

/// The store did not answer in time.
#[derive(Debug, thiserror::Error)]
#[error("no answer came within {} ms", .0.as_millis())]
struct NoAnswer(Duration);

/// The store returned another number of answers than accounts were requested.
#[derive(Debug, thiserror::Error)]
#[error("{asked} accounts have {answered} answers")]
struct Miscounted {
    asked: usize,
    answered: usize,
}

impl<T: Clone + Send + 'static> Lane<T> {
    pub(super) fn start(
        config: ReadConfig,
        read: impl Fn(Vec<AccountId>) -> BoxFuture<'static, Answer<T>> + Send + Sync + 'static,
    ) -> Self {
        let (callers, waiting) = mpsc::channel(config.waiting.max(1));
        let (waiting, read): (_, Read<T>) = (Arc::new(Mutex::new(waiting)), Arc::new(read));
        let stuck = Stuck::new(config.stuck_after, config.stuck_questions);
        for _ in 0..config.readers.max(1) {
            tokio::spawn(serve(waiting.clone(), read.clone(), config, stuck.clone()));
        }
        Self { callers }
    }

    pub(super) async fn ask(&self, accounts: &[AccountId]) -> Answer<T> {
        let (answer, answered) = oneshot::channel();
        let caller = Caller { accounts: accounts.to_vec(), since: Instant::now(), answer };
        self.callers.try_send(caller).map_err(|refused| match refused {
            mpsc::error::TrySendError::Full(_) => StoreError::Overloaded,
            mpsc::error::TrySendError::Closed(_) => StoreError::Unavailable(Arc::new(ReaderGone)),
        })?;
        answered.await.unwrap_or_else(|_| Err(StoreError::Unavailable(Arc::new(ReaderGone))))
    }
}

/// Serves the waiting callers until no handle is left.
async fn serve<T: Clone + Send + 'static>(
    waiting: Arc<Mutex<mpsc::Receiver<Caller<T>>>>,
    read: Read<T>,
    config: ReadConfig,
    stuck: Stuck,
) {
    let mut callers = Vec::new();
    loop {
        // The lock is held even while no caller waits: the other readers have nothing to do either.
        if waiting.lock().await.recv_many(&mut callers, config.together.max(1)).await == 0 {
            return;
        }
        // A cancelled caller needs no answer.
        callers.retain(|caller| !caller.answer.is_closed());
        let (asking, read) = (std::mem::take(&mut callers), read.clone());
        stuck.or_beside(async move { answer(asking, &read, config.answer_within).await }).await;
    }
}

/// Answers all of `callers`. If the store fails because of one account, the others are read without it.
async fn answer<T: Clone + Send + 'static>(callers: Vec<Caller<T>>, read: &Read<T>, limit: Duration) {
    let mut groups = vec![callers];
    while let Some(mut callers) = groups.pop() {
        let accounts: BTreeSet<AccountId> =
            callers.iter().flat_map(|caller| &caller.accounts).copied().collect();
        let end =
            callers.iter().map(|caller| caller.since).min().and_then(|oldest| oldest.checked_add(limit));
        let answers = tokio::time::timeout_at(
            end.unwrap_or_else(Instant::now),
            ask(accounts.into_iter().collect(), read),
        );
        match answers.await.unwrap_or_else(|_| Err(StoreError::Unavailable(Arc::new(NoAnswer(limit))))) {
            Ok(known) => {
                for Caller { accounts, answer, .. } in callers {
                    let own = accounts.iter().map(|account| known.get(account).cloned().flatten()).collect();
                    // The caller may have been cancelled.
                    let _ = answer.send(Ok(own));
                }
            }
            Err(StoreError::Corrupt(_) | StoreError::Unexpected(_)) if callers.len() > 1 => {
                let second = callers.split_off(callers.len().div_ceil(2));
                groups.extend([second, callers]);
            }
            Err(failure) => {
                for caller in callers {
                    let _ = caller.answer.send(Err(failure.clone()));
                }
            }
        }
    }
}

/// One query, in its own task: a panic of the store ends that task, not the reader.
async fn ask<T: Send + 'static>(
    accounts: Vec<AccountId>,
    read: &Read<T>,
) -> Result<BTreeMap<AccountId, Option<T>>, StoreError> {
    if accounts.is_empty() {
        return Ok(BTreeMap::new());
    }
    let answered = tokio::spawn(read(accounts.clone())).await;
    let answers = answered.unwrap_or_else(|ended| Err(StoreError::Unexpected(Arc::new(ended))))?;
    if answers.len() != accounts.len() {
        let miscounted = Miscounted { asked: accounts.len(), answered: answers.len() };
        return Err(StoreError::Unexpected(Arc::new(miscounted)));
    }
    Ok(accounts.into_iter().zip(answers).collect())
}
