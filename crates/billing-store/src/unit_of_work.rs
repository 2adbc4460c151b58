//! The only way in which this store writes.

use std::sync::Arc;

use billing_core::ports::{CommitError, StoreError};
use futures_util::future::BoxFuture;
use sea_orm::{AccessMode, IsolationLevel, SqliteTransactionMode, TransactionOptions};

use crate::error::{commit_error, store_error};
use crate::pool::RuntimeBoundPool;
use crate::transaction::Transaction;

/// Work inside one transaction.
pub(crate) type Work<T, E> = Box<dyn for<'t> FnOnce(&'t Transaction) -> BoxFuture<'t, Result<T, E>> + Send>;

/// Runs `work` in its own transaction and commits it, or rolls it back if `work` fails.
///
/// The whole unit runs in a detached task. A caller may be cancelled at any moment (a client disconnects, a request
/// times out), and with the current driver a BEGIN whose future is dropped leaves its connection inside an open
/// transaction: the next write on that connection is acknowledged and then lost. The tests in `cancelled_begin`
/// reproduce it.
pub(crate) async fn write<T: Send + 'static>(
    pool: &RuntimeBoundPool,
    work: Work<T, CommitError>,
) -> Result<T, CommitError> {
    let own = pool.clone();
    let done = pool.run(async move { write_unshielded(&own, work).await }).await;
    // It ended without a result: it may have reached the COMMIT.
    done.unwrap_or_else(|gone| Err(CommitError::Store(StoreError::OutcomeUnknown(Arc::new(gone)))))
}

/// The body of [`write()`]. Not to be called directly: see there.
pub(crate) async fn write_unshielded<T>(
    pool: &RuntimeBoundPool,
    work: Work<T, CommitError>,
) -> Result<T, CommitError> {
    let options = TransactionOptions {
        // A SQLite transaction that reads first and writes later fails if another one wrote in between.
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

/// Runs `work` on a snapshot: all its reads see the same moment.
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
