//! How the two databases are opened.

use std::path::{Path, PathBuf};
use std::time::Duration;

use billing_core::ports::StoreError;
use sea_orm::{ConnectOptions, Database, DatabaseConnection, DbErr, RuntimeErr};
use sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};

use crate::error::store_error;
use crate::home::Home;
use crate::{ConnectError, migration};

/// The open database, by what is done there.
#[derive(Clone)]
pub(crate) struct Connections {
    /// On SQLite a pool of one: its own lock is not fair, a queue in front of one connection is.
    pub(crate) writer: Home,
    pub(crate) reader: Home,
    /// Where postings are carried out.
    pub(crate) ledger: Home,
    /// Where balances are read.
    pub(crate) balances: Home,
}

/// How many connections to Postgres a store has. SQLite has one that writes and four that read.
///
/// The two kinds of work that a busy service does all the time have connections of their own, as few as there are
/// at once: each connection is a process of the server with caches of its own, and work that wanders over many of
/// them finds all of them cold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pools {
    /// For postings; as many as there are writers.
    pub ledger: u32,
    /// For balances; as many as are read at once.
    pub balances: u32,
    /// For everything else.
    pub rest: u32,
}

impl From<u32> for Pools {
    /// Shares out `connections`; no less than one each.
    fn from(connections: u32) -> Self {
        let share = (connections / 4).clamp(1, 4);
        Self { ledger: share, balances: share, rest: connections.saturating_sub(2 * share).max(1) }
    }
}

/// A database URL that this store understands.
enum Url {
    Sqlite(PathBuf),
    Postgres,
}

/// Opens the database at `url`.
pub(crate) async fn connect(url: &str, pools: Pools) -> Result<Connections, ConnectError> {
    match parse(url)? {
        Url::Sqlite(path) => {
            refuse_missing_folder(&path)?;
            // Only migrating makes a database: whoever just looks must not leave an empty file behind.
            if !path.exists() {
                return Err(ConnectError::NoDatabase(path));
            }
            let writer = Home::here(open(sqlite(url, 1, false)).await?);
            let reader = Home::here(open(sqlite(url, 4, true)).await?);
            Ok(Connections { ledger: writer.clone(), balances: reader.clone(), writer, reader })
        }
        Url::Postgres => {
            let ledger = Home::here(open(postgres(url, pools.ledger)).await?);
            let balances = Home::here(open(postgres(url, pools.balances)).await?);
            let rest = Home::here(open(postgres(url, pools.rest)).await?);
            Ok(Connections { ledger, balances, writer: rest.clone(), reader: rest })
        }
    }
}

/// Applies the migrations that the database at `url` does not have yet, under a lock.
pub(crate) async fn migrate(url: &str) -> Result<(), ConnectError> {
    let migration_error = |error| ConnectError::Migration(store_error(error));
    // Held until the connection is closed again: closing the last one takes the database for itself too.
    let (options, _lock) = match parse(url)? {
        Url::Sqlite(path) => {
            refuse_missing_folder(&path)?;
            (sqlite(url, 1, false), Some(migration::beside(path).await.map_err(migration_error)?))
        }
        Url::Postgres => {
            let mut options = postgres(url, 1);
            // Waiting for another process that migrates may take long.
            options.map_sqlx_postgres_opts(|options| {
                options.options([("lock_timeout", "0"), ("statement_timeout", "0")])
            });
            (options, None)
        }
    };
    let connection = open(options).await?;
    let migrated = migration::migrate(&connection).await;
    let closed = connection.close().await;
    migrated.and(closed).map_err(migration_error)
}

fn parse(url: &str) -> Result<Url, ConnectError> {
    if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        return Ok(Url::Postgres);
    }
    let path = url.strip_prefix("sqlite:").map(|rest| rest.strip_prefix("//").unwrap_or(rest));
    match path.and_then(|rest| rest.split('?').next()) {
        Some(path) if !path.is_empty() && !path.contains(":memory:") => Ok(Url::Sqlite(PathBuf::from(path))),
        _ => Err(ConnectError::UnknownUrl),
    }
}

fn refuse_missing_folder(path: &Path) -> Result<(), ConnectError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    match folder {
        Some(folder) if !folder.is_dir() => Err(ConnectError::NoSuchFolder(folder.to_owned())),
        _ => Ok(()),
    }
}

async fn open(options: ConnectOptions) -> Result<DatabaseConnection, ConnectError> {
    Database::connect(options).await.map_err(|error| match error {
        // Both the mapper and the driver quote what they cannot read, the password with it.
        DbErr::Conn(RuntimeErr::Internal(_)) => ConnectError::UnusableUrl,
        DbErr::Conn(RuntimeErr::SqlxError(error)) if matches!(*error, sqlx::Error::Configuration(_)) => {
            ConnectError::UnusableUrl
        }
        DbErr::Conn(_) | DbErr::ConnectionAcquire(_) => {
            ConnectError::Unreachable(StoreError::Unavailable(std::sync::Arc::new(error)))
        }
        other => ConnectError::Unreachable(store_error(other)),
    })
}

fn quiet(url: &str, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections)
        .acquire_timeout(Duration::from_secs(10))
        // Statements carry customers' data; they belong in no log and no span.
        .sqlx_logging(false)
        .record_stmt_in_spans(false)
        // A ping before each use costs a round trip; one after a rest is enough.
        .test_before_acquire(false)
        .test_before_acquire_if_idle_for(Duration::from_secs(30));
    options
}

fn sqlite(url: &str, connections: u32, read_only: bool) -> ConnectOptions {
    let mut options = quiet(url, connections);
    options.map_sqlx_sqlite_opts(move |options| {
        let options = options
            .create_if_missing(true)
            .foreign_keys(true)
            .journal_mode(SqliteJournalMode::Wal)
            // NORMAL may lose acknowledged commits when the power fails.
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(5));
        if read_only { options.pragma("query_only", "ON") } else { options }
    });
    options
}

fn postgres(url: &str, connections: u32) -> ConnectOptions {
    let mut options = quiet(url, connections);
    options.map_sqlx_postgres_opts(|options| {
        // The server ends what hangs; a timeout on this side would cancel a transaction in mid air.
        options.application_name("billing").options([
            ("statement_timeout", "15000"),
            ("lock_timeout", "5000"),
            ("idle_in_transaction_session_timeout", "15000"),
            // Every statement has one text and finds its rows by an index. Planning the ledger's anew for
            // each batch costs as much as a third of carrying them out.
            ("plan_cache_mode", "force_generic_plan"),
            // Such a plan stays while its table grows. One that was made on an empty table may read all of it,
            // and goes on doing so until the server has counted the rows.
            ("enable_seqscan", "off"),
            ("enable_hashjoin", "off"),
            ("enable_mergejoin", "off"),
            // A step that is switched off counts as so costly that a statement which cannot do without it, as one
            // that reads a whole catalogue, would be compiled for longer than it runs.
            ("jit", "off"),
        ])
    });
    options
}
