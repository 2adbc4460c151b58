//! Opening the databases.

mod diagnosis;
mod postgres;
mod sqlite;

use std::path::PathBuf;
use std::time::Duration;

use sea_orm::{ConnectOptions, DatabaseConnection};

use crate::error::store_error;
use crate::pool::RuntimeBoundPool;
use crate::{ConnectError, migration};

/// The pools of an open database, by use.
#[derive(Clone)]
pub(crate) struct Connections {
    /// On SQLite a pool of one: SQLite's own lock is not fair, a queue in front of one connection is.
    pub(crate) writer: RuntimeBoundPool,
    pub(crate) reader: RuntimeBoundPool,
    /// For postings.
    pub(crate) ledger: RuntimeBoundPool,
    /// For balance reads.
    pub(crate) balances: RuntimeBoundPool,
    /// For readiness checks.
    pub(crate) probe: RuntimeBoundPool,
}

/// The number of Postgres connections of a store. SQLite has one for writing and four for reading.
///
/// Postings and balance reads have separate small pools: each connection is a server process with its own caches, and
/// work that is spread over many of them finds cold caches. Connections are opened when needed, so those reserved for
/// batches beside a stuck one cost nothing until there is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pools {
    /// For postings: the number of concurrent batches, including stuck ones.
    pub ledger: u32,
    /// For balances: the number of concurrent reads, including stuck ones.
    pub balances: u32,
    /// For everything else: half of them for writing, half for reading. Readiness has two more.
    pub rest: u32,
}

impl From<u32> for Pools {
    /// Divides `connections`; at least one each.
    fn from(connections: u32) -> Self {
        let share = (connections / 4).clamp(1, 4);
        Self { ledger: share, balances: share, rest: connections.saturating_sub(2 * share).max(1) }
    }
}

/// The limit of migrating, including the wait for another process that migrates. Uncommitted migrations are rolled
/// back.
const MIGRATING: Duration = Duration::from_mins(30);

/// A supported database URL.
enum Url {
    Sqlite(PathBuf),
    Postgres,
}

/// Opens the database at `url`.
pub(crate) async fn connect(url: &str, pools: Pools) -> Result<Connections, ConnectError> {
    match parse(url)? {
        Url::Sqlite(path) => {
            sqlite::refuse_missing_folder(&path)?;
            // Only migrating creates a database: a read must not leave an empty file behind.
            if !path.exists() {
                return Err(ConnectError::NoDatabase(path));
            }
            sqlite::pools(url, &path).await
        }
        Url::Postgres => {
            postgres::probe(url).await?;
            postgres::pools(url, pools).await
        }
    }
}

/// Applies the missing migrations to the database at `url`, under a lock.
pub(crate) async fn migrate(url: &str) -> Result<(), ConnectError> {
    let migration_error = |error| ConnectError::Migration(store_error(error));
    // Held until the connection is closed: closing the last connection locks the database exclusively, too.
    let (connection, _lock): (DatabaseConnection, _) = match parse(url)? {
        Url::Sqlite(path) => {
            sqlite::refuse_missing_folder(&path)?;
            let lock = migration::beside(path.clone()).await.map_err(migration_error)?;
            sqlite::create(&path)?;
            (sqlite::for_migrations(url).await?, Some(lock))
        }
        Url::Postgres => {
            postgres::probe(url).await?;
            (postgres::for_migrations(url).await?, None)
        }
    };
    let migrated = tokio::time::timeout(MIGRATING, migration::migrate(&connection)).await;
    let Ok(migrated) = migrated else { return Err(ConnectError::MigrationTooLong(MIGRATING.as_secs() / 60)) };
    let closed = connection.close().await;
    migrated.and(closed).map_err(migration_error)
}

fn parse(url: &str) -> Result<Url, ConnectError> {
    if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        return Ok(Url::Postgres);
    }
    let path = url.strip_prefix("sqlite:").map(|rest| rest.strip_prefix("//").unwrap_or(rest));
    match path.and_then(|rest| rest.split('?').next()) {
        // A user and a password: not part of a path, and secret.
        Some(path)
            if path.split('/').next().is_some_and(|first| first.contains(':') && first.contains('@')) =>
        {
            Err(ConnectError::UnusableUrl)
        }
        Some(path) if !path.is_empty() && !path.contains(":memory:") => Ok(Url::Sqlite(PathBuf::from(path))),
        _ => Err(ConnectError::UnknownUrl),
    }
}

fn quiet(url: &str, connections: u32, acquire: Duration) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections)
        .acquire_timeout(acquire)
        // Statements contain customers' data, which must not be logged.
        .sqlx_logging(false)
        .record_stmt_in_spans(false)
        .test_before_acquire(false);
    options
}
