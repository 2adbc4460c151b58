//! Connections that live on one runtime.

use async_trait::async_trait;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, ExecResult, QueryResult, Statement};
use tokio::runtime::Handle;

/// A pool whose connections are opened, used and given back on the runtime on which the store was opened.
///
/// A connection to Postgres belongs to the runtime that opened it, and dies with it. A web server's workers
/// have a runtime each and stop one by one: without this, a worker that has nothing left to do would take
/// connections away that the others still need.
#[derive(Clone)]
pub(crate) struct Home {
    pub(crate) connection: DatabaseConnection,
    runtime: Handle,
}

impl Home {
    /// `connection`, at home on the runtime that runs this.
    pub(crate) fn here(connection: DatabaseConnection) -> Self {
        Self { connection, runtime: Handle::current() }
    }

    /// Runs `work` at home. It goes on even if nobody waits for it any more.
    pub(crate) async fn run<T, F>(&self, work: F) -> Result<T, tokio::task::JoinError>
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        self.runtime.spawn(work).await
    }

    async fn ask<T, F>(&self, work: F) -> Result<T, DbErr>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, DbErr>> + Send + 'static,
    {
        self.run(work).await.unwrap_or_else(|gone| Err(DbErr::Custom(gone.to_string())))
    }
}

#[async_trait]
impl ConnectionTrait for Home {
    fn get_database_backend(&self) -> DbBackend {
        self.connection.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let connection = self.connection.clone();
        self.ask(async move { connection.execute_raw(statement).await }).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let (connection, sql) = (self.connection.clone(), sql.to_owned());
        self.ask(async move { connection.execute_unprepared(&sql).await }).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let connection = self.connection.clone();
        self.ask(async move { connection.query_one_raw(statement).await }).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let connection = self.connection.clone();
        self.ask(async move { connection.query_all_raw(statement).await }).await
    }
}
