//! Carrying out a batch: lock, load, decide, write.

use std::sync::Arc;

use async_trait::async_trait;
use billing_core::ledger::{Outcome, Posting, fold};
use billing_core::ports::{CommitError, IdSource, LedgerStore, StoreError};
use billing_core::values::Timestamp;
use sea_orm::DatabaseTransaction;

use super::load::load;
use super::write::write_out;
use crate::SqlStore;
use crate::unit_of_work::write;

/// How often a batch is run again when another process was in the way.
const TRIES: usize = 5;

#[async_trait]
impl LedgerStore for SqlStore {
    async fn post(&self, batch: Vec<Posting>, now: Timestamp) -> Result<Vec<Outcome>, StoreError> {
        if batch.is_empty() {
            return Ok(Vec::new());
        }
        let batch: Arc<[Posting]> = batch.into();
        if let Some(outcomes) = self.at_once(&batch, now).await? {
            return Ok(outcomes);
        }
        for _ in 0..TRIES {
            let (batch, ids) = (batch.clone(), self.ids.clone());
            let posted = write(
                self.ledger(),
                Box::new(move |transaction| {
                    Box::pin(async move { post_in(transaction, &batch, now, &*ids).await })
                }),
            )
            .await;
            match posted {
                Ok(outcomes) => return Ok(outcomes),
                // Another account took one of the batch's business facts a moment ago, or locks were taken
                // crosswise: the next look finds what was done.
                Err(CommitError::Conflict) => {}
                Err(CommitError::Store(error)) => return Err(error),
                Err(other) => return Err(StoreError::Unexpected(Arc::new(other))),
            }
        }
        Err(StoreError::Busy)
    }
}

impl SqlStore {
    /// Tries it without locks, in a task that nobody cancels.
    async fn at_once(
        &self,
        batch: &Arc<[Posting]>,
        now: Timestamp,
    ) -> Result<Option<Vec<Outcome>>, StoreError> {
        let connection = self.ledger().connection.clone();
        if !crate::is_postgres(&connection) {
            return Ok(None);
        }
        let (batch, ids, at_once) = (batch.clone(), self.ids.clone(), self.at_once.clone());
        let posted =
            async move { at_once.post(connection.get_postgres_connection_pool(), &batch, now, &*ids).await };
        let done = self.ledger().run(posted).await;
        done.unwrap_or_else(|gone| Err(StoreError::OutcomeUnknown(Arc::new(gone))))
    }
}

/// Carries out `batch` inside `transaction`. The number of statements does not depend on the batch's size.
pub(crate) async fn post_in(
    transaction: &DatabaseTransaction,
    batch: &[Posting],
    now: Timestamp,
    ids: &dyn IdSource,
) -> Result<Vec<Outcome>, CommitError> {
    let mut set = load(transaction, batch, now).await?;
    let (outcomes, writes) = fold(&mut set, batch, now, ids);
    write_out(transaction, &writes).await?;
    Ok(outcomes)
}
