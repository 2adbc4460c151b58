//! The benchmark's databases on the given server.

use std::sync::Mutex;

use anyhow::{Context, Result};
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use sqlx::{AssertSqlSafe, Connection, Row};
use url::Url;
use uuid::Uuid;

use crate::measure::Written;

/// The settings in the report, the same for all.
pub(crate) const SETTINGS: &[&str] = &[
    "server_version",
    "fsync",
    "synchronous_commit",
    "full_page_writes",
    "wal_sync_method",
    "shared_buffers",
    "max_wal_size",
    "min_wal_size",
    "checkpoint_timeout",
    "max_connections",
];

/// A Postgres server, and the databases created on it.
pub(crate) struct Server {
    url: Url,
    prefix: String,
    made: Mutex<Vec<String>>,
}

impl Server {
    /// The server at `url`. Makes no connection.
    pub(crate) fn at(url: &str) -> Result<Self> {
        #[expect(clippy::disallowed_methods, reason = "a name that is new, nothing else depends on it")]
        let unique = Uuid::new_v4().simple();
        let url = Url::parse(url).context("the server's URL is not one")?;
        Ok(Self { url, prefix: format!("bench_{unique}"), made: Mutex::default() })
    }

    /// Creates an empty database and returns its URL.
    pub(crate) async fn create(&self, purpose: &str) -> Result<String> {
        self.make(purpose, "").await
    }

    /// Copies the database `template`, which must have no connections.
    pub(crate) async fn copy(&self, template: &str, purpose: &str) -> Result<String> {
        self.make(purpose, &format!(" TEMPLATE {}", self.name(template))).await
    }

    /// Drops all created databases, even with open connections.
    pub(crate) async fn remove_all(&self) -> Result<()> {
        self.remove(|_| true).await
    }

    /// Drops all but the one with this purpose: the server's cleanup after a case would disturb the next measurement.
    pub(crate) async fn remove_all_but(&self, purpose: &str) -> Result<()> {
        let kept = self.name(purpose);
        self.remove(|name| name != kept).await
    }

    async fn remove(&self, gone: impl Fn(&str) -> bool) -> Result<()> {
        let (removed, kept) = std::mem::take(&mut *self.made()).into_iter().partition(|name| gone(name));
        *self.made() = kept;
        for name in removed {
            self.run(format!("DROP DATABASE {name} WITH (FORCE)")).await?;
        }
        Ok(())
    }

    /// The server's settings, by name.
    pub(crate) async fn settings(&self) -> Result<Vec<(String, String)>> {
        let mut connection = self.connect().await?;
        let mut settings = Vec::new();
        for name in SETTINGS {
            let row = sqlx::query(AssertSqlSafe(format!("SHOW {name}"))).fetch_one(&mut connection).await?;
            settings.push(((*name).to_owned(), row.try_get(0)?));
        }
        connection.close().await?;
        Ok(settings)
    }

    /// The duration of a single commit: the median of `commits`, in microseconds.
    pub(crate) async fn commit_micros(&self, commits: usize) -> Result<u64> {
        let url = self.create("commits").await?;
        let mut connection = PgConnection::connect(&url).await?;
        sqlx::raw_sql("CREATE TABLE one (number bigint)").execute(&mut connection).await?;
        let mut micros = Vec::with_capacity(commits);
        for number in 0..i64::try_from(commits)? {
            let begun = std::time::Instant::now();
            sqlx::query("INSERT INTO one VALUES ($1)").bind(number).execute(&mut connection).await?;
            micros.push(u64::try_from(begun.elapsed().as_micros())?);
        }
        connection.close().await?;
        micros.sort_unstable();
        micros.get(commits / 2).copied().context("no commits")
    }

    /// The size of the database at `url` on disk, and the WAL written by the server so far.
    pub(crate) async fn written(&self, url: &str) -> Result<Written> {
        let mut connection = PgConnection::connect(url).await?;
        let row = sqlx::query(
            "SELECT pg_database_size(current_database())::float8, (pg_current_wal_insert_lsn() - '0/0')::float8",
        )
        .fetch_one(&mut connection)
        .await?;
        connection.close().await?;
        Ok(Written { disk: row.try_get(0)?, wal: row.try_get(1)? })
    }

    /// Runs a checkpoint: the next change of each page logs the whole page.
    pub(crate) async fn checkpoint(&self) -> Result<()> {
        self.run("CHECKPOINT".to_owned()).await
    }

    async fn make(&self, purpose: &str, from: &str) -> Result<String> {
        let name = self.name(purpose);
        self.run(format!("CREATE DATABASE {name}{from}")).await?;
        let mut url = self.url.clone();
        url.set_path(&name);
        self.made().push(name);
        Ok(url.to_string())
    }

    fn name(&self, purpose: &str) -> String {
        format!("{}_{purpose}", self.prefix)
    }

    async fn run(&self, statement: String) -> Result<()> {
        let mut connection = self.connect().await?;
        sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut connection).await?;
        connection.close().await?;
        Ok(())
    }

    async fn connect(&self) -> Result<PgConnection> {
        PgConnection::connect(self.url.as_str()).await.context("the Postgres server does not answer")
    }

    fn made(&self) -> std::sync::MutexGuard<'_, Vec<String>> {
        self.made.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// A pool of up to `connections` on the database at `url`, all open.
pub(crate) async fn pool(url: &str, connections: u32) -> Result<PgPool> {
    let options: PgConnectOptions = url.parse()?;
    let pool = PgPoolOptions::new()
        .max_connections(connections)
        .min_connections(connections)
        .test_before_acquire(false)
        .connect_with(options)
        .await?;
    Ok(pool)
}

/// Runs statements without results.
pub(crate) async fn execute(url: &str, statements: &str) -> Result<()> {
    let mut connection = PgConnection::connect(url).await?;
    sqlx::raw_sql(AssertSqlSafe(statements.to_owned())).execute(&mut connection).await?;
    connection.close().await?;
    Ok(())
}

/// The ids of `query`, in order.
pub(crate) async fn ids(url: &str, query: &str) -> Result<Vec<Uuid>> {
    let mut connection = PgConnection::connect(url).await?;
    let rows = sqlx::query(AssertSqlSafe(query.to_owned())).fetch_all(&mut connection).await?;
    let ids = rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
    connection.close().await?;
    Ok(ids)
}
