//! How the two databases are opened.

mod diagnosis;
mod postgres;
mod sqlite;

use std::path::PathBuf;
use std::time::Duration;

use sea_orm::{ConnectOptions, DatabaseConnection};

use crate::error::store_error;
use crate::pool::RuntimeBoundPool;
use crate::{ConnectError, migration};

/// The open database, by what is done there.
#[derive(Clone)]
pub(crate) struct Connections {
    /// On SQLite a pool of one: its own lock is not fair, a queue in front of one connection is.
    pub(crate) writer: RuntimeBoundPool,
    pub(crate) reader: RuntimeBoundPool,
    /// Where postings are carried out.
    pub(crate) ledger: RuntimeBoundPool,
    /// Where balances are read.
    pub(crate) balances: RuntimeBoundPool,
    /// Where readiness is checked.
    pub(crate) probe: RuntimeBoundPool,
}

/// How many connections to Postgres a store has. SQLite has one that writes and four that read.
///
/// The two kinds of work that a busy service does all the time have connections of their own, as few as there are
/// at once: each connection is a process of the server with caches of its own, and work that wanders over many of
/// them finds all of them cold. Connections are opened when they are needed, so that what is kept for batches that
/// go on beside a stuck one costs nothing before there is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pools {
    /// For postings; as many as there are batches at once, stuck ones included.
    pub ledger: u32,
    /// For balances; as many as are read at once, stuck ones included.
    pub balances: u32,
    /// For everything else: half of them for writing, half for reading. Readiness has two more of its own.
    pub rest: u32,
}

impl From<u32> for Pools {
    /// Shares out `connections`; no less than one each.
    fn from(connections: u32) -> Self {
        let share = (connections / 4).clamp(1, 4);
        Self { ledger: share, balances: share, rest: connections.saturating_sub(2 * share).max(1) }
    }
}

/// How long migrating may take, the wait for another process that migrates included. What was not committed by then is
/// undone.
const MIGRATING: Duration = Duration::from_mins(30);

/// A database URL that this store understands.
enum Url {
    Sqlite(PathBuf),
    Postgres,
}

/// Opens the database at `url`.
pub(crate) async fn connect(url: &str, pools: Pools) -> Result<Connections, ConnectError> {
    match parse(url)? {
        Url::Sqlite(path) => {
            sqlite::refuse_missing_folder(&path)?;
            // Only migrating makes a database: whoever just looks must not leave an empty file behind.
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

/// Applies the migrations that the database at `url` does not have yet, under a lock.
pub(crate) async fn migrate(url: &str) -> Result<(), ConnectError> {
    let migration_error = |error| ConnectError::Migration(store_error(error));
    // Held until the connection is closed again: closing the last one takes the database for itself too.
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
        // A user and a password: no part of a path, and not to be shown.
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
        // Statements carry customers' data; they belong in no log and no span.
        .sqlx_logging(false)
        .record_stmt_in_spans(false)
        .test_before_acquire(false);
    options
}
