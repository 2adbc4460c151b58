//! Pools that are bound to one runtime, and deadlines of calls.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr, Statement,
};
use tokio::runtime::Handle;

use crate::error::{is_cut_off, is_read_only, mapped};
use crate::file_guard::FileGuard;
use crate::retirement::Retirement;

/// A pool whose connections are opened, used and released on the runtime on which the store was opened.
///
/// A Postgres connection belongs to the runtime that opened it, and ends with it. A web server's workers have one
/// runtime each and stop one by one: without this, a stopped worker would take connections away that others still
/// need.
#[derive(Clone)]
pub(crate) struct RuntimeBoundPool {
    connection: DatabaseConnection,
    runtime: Handle,
    calls: CallGuard,
}

/// The time after which an answer is late, and the pool's other connections become suspect.
const LATE: Duration = Duration::from_millis(150);

/// Deadlines and checks around every call to the database.
#[derive(Debug, Clone)]
pub(crate) struct CallGuard {
    deadline: Duration,
    retirement: Retirement,
    /// On SQLite only.
    files: Option<Arc<FileGuard>>,
}

/// The database did not respond in time. The outcome of the call is unknown.
#[derive(Debug, thiserror::Error)]
#[error("the database did not answer within {} ms", .0.as_millis())]
pub(crate) struct NoAnswer(Duration);

/// The mapper's form of the error: nothing was done.
fn unavailable(why: &dyn std::error::Error) -> DbErr {
    DbErr::Conn(RuntimeErr::Internal(why.to_string()))
}

impl CallGuard {
    /// Each call ends within `deadline`, which is longer than the server's own timeouts: those leave the connection
    /// usable.
    pub(crate) fn new(deadline: Duration, retirement: Retirement) -> Self {
        Self { deadline, retirement, files: None }
    }

    /// The same for calls to a database in a file.
    pub(crate) fn watching(self, files: Arc<FileGuard>) -> Self {
        Self { files: Some(files), ..self }
    }

    /// Checks that the database's files are still in place.
    ///
    /// # Errors
    ///
    /// If they are not: nothing may be queried or acknowledged.
    pub(crate) async fn check_files(&self) -> Result<(), DbErr> {
        let Some(files) = &self.files else { return Ok(()) };
        match self.within(files.check()).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(moved)) => Err(unavailable(&moved)),
            Err(late) => Err(unavailable(&late)),
        }
    }

    /// Closes the files, after every pool is closed.
    pub(crate) async fn close_files(&self) -> Result<(), DbErr> {
        let Some(files) = &self.files else { return Ok(()) };
        files.close().await.map_err(mapped)
    }

    /// The result of `call`. If there is none in time, the state of the connection is unknown, and so may be that of
    /// the others.
    pub(crate) async fn within<T>(&self, call: impl Future<Output = T>) -> Result<T, NoAnswer> {
        let mut call = pin!(call);
        if let Ok(answer) = tokio::time::timeout(LATE, call.as_mut()).await {
            return Ok(answer);
        }
        self.retirement.suspect_all();
        let answer = tokio::time::timeout(self.deadline.saturating_sub(LATE), call.as_mut()).await;
        // Before the call and its connection are dropped.
        answer.map_err(|_| {
            self.retire_connections();
            NoAnswer(self.deadline)
        })
    }

    /// Retires every connection that is open now.
    pub(crate) fn retire_connections(&self) {
        self.retirement.retire_all();
    }

    /// As [`within`](Self::within), for a call whose effects do not outlive its transaction.
    pub(crate) async fn statement<T>(
        &self,
        call: impl Future<Output = Result<T, DbErr>>,
    ) -> Result<T, DbErr> {
        self.within(call).await.unwrap_or_else(|late| Err(unavailable(&late)))
    }

    /// As [`statement`](Self::statement), for one that can be repeated: if its connection was cut while it was idle (a
    /// restarted server, a terminated session), it is repeated once on another.
    pub(crate) async fn repeatable<T, F>(&self, call: impl Fn() -> F) -> Result<T, DbErr>
    where
        F: Future<Output = Result<T, DbErr>>,
    {
        self.check_files().await?;
        match self.statement(call()).await {
            Err(error) if is_cut_off(&error) => {
                // The other connections were probably cut, too.
                self.retire_connections();
                self.statement(call()).await
            }
            Err(error) if is_read_only(&error) => {
                // A read-only session stays read-only, even after the server accepts writes again.
                self.retire_connections();
                Err(error)
            }
            answer => answer,
        }
    }
}

impl RuntimeBoundPool {
    /// `connection`, bound to the current runtime.
    pub(crate) fn here(connection: DatabaseConnection, calls: CallGuard) -> Self {
        Self { connection, runtime: Handle::current(), calls }
    }

    /// The same pool, of a database in a file.
    pub(crate) fn watching(self, files: &Arc<FileGuard>) -> Self {
        Self { calls: self.calls.watching(files.clone()), ..self }
    }

    pub(crate) fn connection(&self) -> &DatabaseConnection {
        &self.connection
    }

    /// For tests that record statements.
    #[cfg(feature = "testing")]
    pub(crate) fn connection_mut(&mut self) -> &mut DatabaseConnection {
        &mut self.connection
    }

    pub(crate) fn calls(&self) -> &CallGuard {
        &self.calls
    }

    /// Runs `work` on the pool's runtime. It continues if the caller is cancelled.
    pub(crate) async fn run<T, F>(&self, work: F) -> Result<T, tokio::task::JoinError>
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        self.runtime.spawn(work).await
    }

    /// Runs a read on the pool's runtime. Nothing is written outside of transactions, so a read may be repeated.
    async fn ask<T, F>(
        &self,
        ask: impl Fn(DatabaseConnection) -> F + Send + Sync + 'static,
    ) -> Result<T, DbErr>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, DbErr>> + Send + 'static,
    {
        let (calls, connection) = (self.calls.clone(), self.connection.clone());
        let asked = self.run(async move { calls.repeatable(|| ask(connection.clone())).await }).await;
        asked.unwrap_or_else(|ended| Err(DbErr::Custom(ended.to_string())))
    }
}

#[async_trait]
impl ConnectionTrait for RuntimeBoundPool {
    fn get_database_backend(&self) -> DbBackend {
        self.connection.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.ask(move |own| {
            let statement = statement.clone();
            async move { own.execute_raw(statement).await }
        })
        .await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let sql = sql.to_owned();
        self.ask(move |own| {
            let sql = sql.clone();
            async move { own.execute_unprepared(&sql).await }
        })
        .await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.ask(move |own| {
            let statement = statement.clone();
            async move { own.query_one_raw(statement).await }
        })
        .await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.ask(move |own| {
            let statement = statement.clone();
            async move { own.query_all_raw(statement).await }
        })
        .await
    }
}
