//! Posts a batch: lock, load, decide, write.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use backon::{ExponentialBuilder, Retryable};
use billing_core::ledger::{Outcome, Posting, fold};
use billing_core::ports::{CommitError, IdSource, LedgerStore, StoreError};
use billing_core::values::Timestamp;

use super::load::load;
use super::write::write_out;
use crate::SqlStore;
use crate::transaction::Transaction;
use crate::unit_of_work::{Work, write};

/// The number of retries after a conflict with another process.
const RETRIES: usize = 4;

#[async_trait]
impl LedgerStore for SqlStore {
    async fn post(&self, batch: Vec<Posting>, now: Timestamp) -> Result<Vec<Outcome>, StoreError> {
        if batch.is_empty() {
            return Ok(Vec::new());
        }
        let batch: Arc<[Posting]> = batch.into();
        match self.post_batch(&batch, now).await {
            Err(StoreError::LockTimeout { .. }) => {
                Err(StoreError::LockTimeout { accounts: self.locked_accounts(&batch).await? })
            }
            posted => posted,
        }
    }
}

impl SqlStore {
    async fn post_batch(&self, batch: &Arc<[Posting]>, now: Timestamp) -> Result<Vec<Outcome>, StoreError> {
        if let Some(outcomes) = self.post_optimistically(batch, now).await? {
            return Ok(outcomes);
        }
        // A conflict: another account has just used one of the batch's business keys, or there was a deadlock. A retry
        // finds what was written.
        let pauses = ExponentialBuilder::default()
            .with_min_delay(Duration::from_millis(2))
            .with_max_times(RETRIES)
            .with_jitter();
        let posted = (|| self.post_under_locks(batch, now))
            .retry(pauses)
            .when(|error| matches!(error, CommitError::Conflict));
        posted.await.map_err(|error| match error {
            CommitError::Store(error) => error,
            CommitError::Conflict => StoreError::Busy,
            other => StoreError::Unexpected(Arc::new(other)),
        })
    }

    /// Tries to post without locks, in a task that cannot be cancelled.
    async fn post_optimistically(
        &self,
        batch: &Arc<[Posting]>,
        now: Timestamp,
    ) -> Result<Option<Vec<Outcome>>, StoreError> {
        let pool = self.ledger().clone();
        if !crate::is_postgres(pool.connection()) {
            return Ok(None);
        }
        let (batch, ids, optimistic) = (batch.clone(), self.ids.clone(), self.optimistic.clone());
        let posted = async move { optimistic.post(&pool, &batch, now, &*ids).await };
        let done = self.ledger().run(posted).await;
        done.unwrap_or_else(|gone| Err(StoreError::OutcomeUnknown(Arc::new(gone))))
    }

    async fn post_under_locks(
        &self,
        batch: &Arc<[Posting]>,
        now: Timestamp,
    ) -> Result<Vec<Outcome>, CommitError> {
        let (batch, ids) = (batch.clone(), self.ids.clone());
        let work: Work<_, _> = Box::new(move |transaction| {
            Box::pin(async move { post_in(transaction, &batch, now, &*ids).await })
        });
        write(self.ledger(), work).await
    }
}

/// Applies `batch` inside `transaction`. The number of statements does not depend on the batch's size.
pub(crate) async fn post_in(
    transaction: &Transaction,
    batch: &[Posting],
    now: Timestamp,
    ids: &dyn IdSource,
) -> Result<Vec<Outcome>, CommitError> {
    let mut set = load(transaction, batch, now).await?;
    let (outcomes, writes) = fold(&mut set, batch, now, ids);
    write_out(transaction, &writes).await?;
    Ok(outcomes)
}
