//! The one way in which this store writes.

use billing_core::ports::{CommitError, StoreError};
use futures_util::future::BoxFuture;
use sea_orm::{
    AccessMode, DatabaseConnection, DatabaseTransaction, DbErr, IsolationLevel, TransactionOptions,
};
use sea_orm::{SqliteTransactionMode, TransactionTrait};
use std::sync::Arc;

use crate::error::{after_commit, commit_error, store_error};
use crate::home::Home;

/// Work inside one transaction.
pub(crate) type Work<T, E> =
    Box<dyn for<'t> FnOnce(&'t DatabaseTransaction) -> BoxFuture<'t, Result<T, E>> + Send>;

/// Runs `work` in a transaction of its own and commits it, or rolls it back if `work` fails.
///
/// The whole of it runs in a task that nobody cancels. Whoever waits may go away at any moment (a client
/// hangs up, a request times out), and with the current driver a BEGIN that is dropped in mid air leaves its
/// connection inside a transaction that nobody ends: the next write on that connection is acknowledged and
/// then lost. The tests in `cancelled_begin` show it.
pub(crate) async fn write<T: Send + 'static>(
    home: &Home,
    work: Work<T, CommitError>,
) -> Result<T, CommitError> {
    let connection = home.connection.clone();
    let done = home.run(async move { write_unshielded(&connection, work).await }).await;
    // Ended before it said how: it may have got as far as the COMMIT.
    done.unwrap_or_else(|gone| Err(CommitError::Store(StoreError::OutcomeUnknown(Arc::new(gone)))))
}

/// What [`write`] runs. Not to be called by itself: see there.
pub(crate) async fn write_unshielded<T>(
    connection: &DatabaseConnection,
    work: Work<T, CommitError>,
) -> Result<T, CommitError> {
    let transaction = begin(
        connection,
        TransactionOptions {
            // A SQLite transaction that reads first and writes later fails when another wrote in between.
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        },
    )
    .await
    .map_err(commit_error)?;
    match work(&transaction).await {
        Ok(done) => {
            transaction.commit().await.map_err(after_commit)?;
            Ok(done)
        }
        Err(refused) => {
            if let Err(error) = transaction.rollback().await {
                tracing::warn!(%error, "a rollback failed; the connection is closed and the database rolls back");
            }
            Err(refused)
        }
    }
}

/// Runs `work` on a snapshot: everything that it reads is of one moment.
pub(crate) async fn snapshot<T: Send + 'static>(
    home: &Home,
    work: Work<T, StoreError>,
) -> Result<T, StoreError> {
    let connection = home.connection.clone();
    let read = home.run(async move {
        let postgres = crate::is_postgres(&connection);
        let options = TransactionOptions {
            isolation_level: postgres.then_some(IsolationLevel::RepeatableRead),
            access_mode: postgres.then_some(AccessMode::ReadOnly),
            sqlite_transaction_mode: None,
        };
        let transaction = begin(&connection, options).await.map_err(store_error)?;
        let read = work(&transaction).await;
        // Nothing was written; how it ends makes no difference to anybody.
        let _ = transaction.rollback().await;
        read
    });
    read.await.unwrap_or_else(|panic| Err(StoreError::Unexpected(Arc::new(panic))))
}

#[expect(clippy::disallowed_methods, reason = "the one place that begins a transaction")]
async fn begin(
    connection: &DatabaseConnection,
    options: TransactionOptions,
) -> Result<DatabaseTransaction, DbErr> {
    connection.begin_with_options(options).await
}
