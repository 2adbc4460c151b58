//! The one way in which this store writes.

use std::sync::Arc;

use billing_core::ports::{CommitError, StoreError};
use futures_util::future::BoxFuture;
use sea_orm::{AccessMode, IsolationLevel, SqliteTransactionMode, TransactionOptions};

use crate::error::{commit_error, store_error};
use crate::pool::RuntimeBoundPool;
use crate::transaction::Transaction;

/// Work inside one transaction.
pub(crate) type Work<T, E> = Box<dyn for<'t> FnOnce(&'t Transaction) -> BoxFuture<'t, Result<T, E>> + Send>;

/// Runs `work` in a transaction of its own and commits it, or rolls it back if `work` fails.
///
/// The whole of it runs in a task that nobody cancels. Whoever waits may go away at any moment (a client
/// hangs up, a request times out), and with the current driver a BEGIN that is dropped in mid air leaves its
/// connection inside a transaction that nobody ends: the next write on that connection is acknowledged and
/// then lost. The tests in `cancelled_begin` show it.
pub(crate) async fn write<T: Send + 'static>(
    pool: &RuntimeBoundPool,
    work: Work<T, CommitError>,
) -> Result<T, CommitError> {
    let own = pool.clone();
    let done = pool.run(async move { write_unshielded(&own, work).await }).await;
    // Ended before it said how: it may have got as far as the COMMIT.
    done.unwrap_or_else(|gone| Err(CommitError::Store(StoreError::OutcomeUnknown(Arc::new(gone)))))
}

/// What [`write`] runs. Not to be called by itself: see there.
pub(crate) async fn write_unshielded<T>(
    pool: &RuntimeBoundPool,
    work: Work<T, CommitError>,
) -> Result<T, CommitError> {
    let options = TransactionOptions {
        // A SQLite transaction that reads first and writes later fails when another wrote in between.
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    let begun = Transaction::begin(pool.connection(), pool.calls(), options).await;
    let transaction = begun.map_err(commit_error)?;
    match work(&transaction).await {
        Ok(done) => {
            transaction.commit().await?;
            Ok(done)
        }
        Err(refused) => {
            transaction.rollback().await;
            Err(refused)
        }
    }
}

/// Runs `work` on a snapshot: everything that it reads is of one moment.
pub(crate) async fn snapshot<T: Send + 'static>(
    pool: &RuntimeBoundPool,
    work: Work<T, StoreError>,
) -> Result<T, StoreError> {
    let own = pool.clone();
    let read = pool.run(async move {
        let postgres = crate::is_postgres(own.connection());
        let options = TransactionOptions {
            isolation_level: postgres.then_some(IsolationLevel::RepeatableRead),
            access_mode: postgres.then_some(AccessMode::ReadOnly),
            sqlite_transaction_mode: None,
        };
        let begun = Transaction::begin(own.connection(), own.calls(), options).await;
        let transaction = begun.map_err(store_error)?;
        let read = work(&transaction).await;
        transaction.rollback().await;
        read
    });
    read.await.unwrap_or_else(|panic| Err(StoreError::Unexpected(Arc::new(panic))))
}
