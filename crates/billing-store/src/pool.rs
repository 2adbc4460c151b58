//! Connections that live on one runtime, and calls that end.

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

/// A pool whose connections are opened, used and given back on the runtime on which the store was opened.
///
/// A connection to Postgres belongs to the runtime that opened it, and dies with it. A web server's workers
/// have a runtime each and stop one by one: without this, a worker that has nothing left to do would take
/// connections away that the others still need.
#[derive(Clone)]
pub(crate) struct RuntimeBoundPool {
    connection: DatabaseConnection,
    runtime: Handle,
    calls: CallGuard,
}

/// After how long an answer is late, and the pool's other connections are under suspicion.
const LATE: Duration = Duration::from_millis(150);

/// What every call to the database goes through.
#[derive(Debug, Clone)]
pub(crate) struct CallGuard {
    deadline: Duration,
    retirement: Retirement,
    /// On SQLite.
    files: Option<Arc<FileGuard>>,
}

/// The database did not answer in time. Whether it carried out what it was asked is unknown.
#[derive(Debug, thiserror::Error)]
#[error("the database did not answer within {} ms", .0.as_millis())]
pub(crate) struct NoAnswer(Duration);

/// As an error of the mapper: nothing was done.
fn unavailable(why: &dyn std::error::Error) -> DbErr {
    DbErr::Conn(RuntimeErr::Internal(why.to_string()))
}

impl CallGuard {
    /// Each call ends within `deadline`, which lies above the server's own time-outs: those leave the connection
    /// usable.
    pub(crate) fn new(deadline: Duration, retirement: Retirement) -> Self {
        Self { deadline, retirement, files: None }
    }

    /// The same for calls to a database in a file.
    pub(crate) fn watching(self, files: Arc<FileGuard>) -> Self {
        Self { files: Some(files), ..self }
    }

    /// Whether the database is where it was opened.
    ///
    /// # Errors
    ///
    /// Why nothing may be asked of it, or acknowledged.
    pub(crate) async fn check_files(&self) -> Result<(), DbErr> {
        let Some(files) = &self.files else { return Ok(()) };
        match self.within(files.check()).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(moved)) => Err(unavailable(&moved)),
            Err(late) => Err(unavailable(&late)),
        }
    }

    /// Lets go of the files, once every pool is closed.
    pub(crate) async fn close_files(&self) -> Result<(), DbErr> {
        let Some(files) = &self.files else { return Ok(()) };
        files.close().await.map_err(mapped)
    }

    /// The answer to `call`. Where none comes in time the connection is left in an unknown state, and so may be those
    /// that were opened with it.
    pub(crate) async fn within<T>(&self, call: impl Future<Output = T>) -> Result<T, NoAnswer> {
        let mut call = pin!(call);
        if let Ok(answer) = tokio::time::timeout(LATE, call.as_mut()).await {
            return Ok(answer);
        }
        self.retirement.suspect_all();
        let answer = tokio::time::timeout(self.deadline.saturating_sub(LATE), call.as_mut()).await;
        // Before the call is dropped, and its connection with it.
        answer.map_err(|_| {
            self.retire_connections();
            NoAnswer(self.deadline)
        })
    }

    /// Has the pool close every connection that is open now.
    pub(crate) fn retire_connections(&self) {
        self.retirement.retire_all();
    }

    /// As [`within`](Self::within), of a call that changes nothing, or nothing that outlives its transaction.
    pub(crate) async fn statement<T>(
        &self,
        call: impl Future<Output = Result<T, DbErr>>,
    ) -> Result<T, DbErr> {
        self.within(call).await.unwrap_or_else(|late| Err(unavailable(&late)))
    }

    /// As [`statement`](Self::statement), of one that may be made twice: where it finds that its connection was cut
    /// while it rested (a server that was restarted, a session that was ended), it is made once more on another.
    pub(crate) async fn repeatable<T, F>(&self, call: impl Fn() -> F) -> Result<T, DbErr>
    where
        F: Future<Output = Result<T, DbErr>>,
    {
        self.check_files().await?;
        match self.statement(call()).await {
            Err(error) if is_cut_off(&error) => {
                // Its neighbours were probably cut with it.
                self.retire_connections();
                self.statement(call()).await
            }
            Err(error) if is_read_only(&error) => {
                // A session that became read-only stays so, also when the server takes writes again.
                self.retire_connections();
                Err(error)
            }
            answer => answer,
        }
    }
}

impl RuntimeBoundPool {
    /// `connection`, bound to the runtime that runs this.
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

    /// For tests that listen to what is sent.
    #[cfg(feature = "testing")]
    pub(crate) fn connection_mut(&mut self) -> &mut DatabaseConnection {
        &mut self.connection
    }

    pub(crate) fn calls(&self) -> &CallGuard {
        &self.calls
    }

    /// Runs `work` on the pool's runtime. It goes on if the caller goes away.
    pub(crate) async fn run<T, F>(&self, work: F) -> Result<T, tokio::task::JoinError>
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        self.runtime.spawn(work).await
    }

    /// Asks on the pool's runtime. Nothing is written outside of transactions, so each question may be put twice.
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
