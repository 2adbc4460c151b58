//! Transactions whose calls all have deadlines, and whose connections are not used again after a failure.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use billing_core::ports::{CommitError, StoreError};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult,
    Statement, TransactionOptions, TransactionTrait,
};

use crate::error::{after_commit, is_read_only};
use crate::pool::CallGuard;

fn unknown(why: impl std::error::Error + Send + Sync + 'static) -> CommitError {
    CommitError::Store(StoreError::OutcomeUnknown(Arc::new(why)))
}

/// An open transaction. It is rolled back when dropped.
pub(crate) struct Transaction {
    inner: DatabaseTransaction,
    calls: CallGuard,
    /// Whether one of its statements failed.
    failed: AtomicBool,
}

impl Transaction {
    #[expect(clippy::disallowed_methods, reason = "the one place that begins a transaction")]
    pub(crate) async fn begin(
        connection: &DatabaseConnection,
        calls: &CallGuard,
        options: TransactionOptions,
    ) -> Result<Self, DbErr> {
        let begun = calls.repeatable(|| connection.begin_with_options(options)).await;
        let inner = begun?;
        Ok(Self { inner, calls: calls.clone(), failed: AtomicBool::new(false) })
    }

    /// # Errors
    ///
    /// Nothing was written if the database refused; after [`StoreError::OutcomeUnknown`] it may have been.
    pub(crate) async fn commit(self) -> Result<(), CommitError> {
        let Self { inner, calls, .. } = self;
        match calls.within(inner.commit()).await {
            // If the files were moved away meanwhile, the commit may be lost.
            Ok(Ok(())) => calls.check_files().await.map_err(unknown),
            Ok(Err(error)) => {
                calls.retire_connections();
                Err(after_commit(error))
            }
            Err(late) => Err(unknown(late)),
        }
    }

    /// Rolls back. This cannot fail: if the database does not receive it, it rolls back when the connection is closed.
    pub(crate) async fn rollback(self) {
        let Self { inner, calls, failed } = self;
        // SQLite rolls back by itself after some failures only; closing the connection settles it.
        if failed.into_inner() && inner.get_database_backend() == DbBackend::Sqlite {
            calls.retire_connections();
        }
        if let Err(error) = calls.statement(inner.rollback()).await {
            calls.retire_connections();
            tracing::warn!(%error, "a rollback failed; the connection is closed and the database rolls back");
        }
    }

    async fn call<T>(&self, call: impl Future<Output = Result<T, DbErr>>) -> Result<T, DbErr> {
        let answer = self.calls.statement(call).await;
        if let Err(error) = &answer {
            self.failed.store(true, Ordering::Relaxed);
            if is_read_only(error) {
                // A read-only session stays read-only, even after the server accepts writes again.
                self.calls.retire_connections();
            }
        }
        answer
    }
}

#[async_trait]
impl ConnectionTrait for Transaction {
    fn get_database_backend(&self) -> DbBackend {
        self.inner.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.call(self.inner.execute_raw(statement)).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.call(self.inner.execute_unprepared(sql)).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.call(self.inner.query_one_raw(statement)).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.call(self.inner.query_all_raw(statement)).await
    }
}
