//! SQLite and Postgres behind the ports of `billing-core`: one adapter, two dialects.
//!
//! SQLite is the embedded default: one file, write-ahead log, full sync, one writer. Postgres is for production. Both
//! run the same statements, except for row locks, which only Postgres has and needs.
//!
//! No type of the driver or the mapper appears in a public signature.
//!
//! ```no_run
//! use std::sync::Arc;
//! use billing_store::SqlStore;
//! # use billing_core::ports::IdSource;
//! # async fn open(ids: Arc<dyn IdSource>) -> Result<(), billing_store::ConnectError> {
//! SqlStore::migrate("sqlite://billing.db").await?;
//! let store = SqlStore::connect("sqlite://billing.db", 16, ids).await?;
//! # Ok(())
//! # }
//! ```

mod account_turns;
mod billing;
#[cfg(all(test, feature = "testing"))]
mod cancelled_begin;
mod connect;
mod entity;
mod error;
mod file_guard;
mod health;
mod inbox;
mod jobs;
mod ledger;
mod literal;
mod migration;
mod pool;
mod retirement;
mod row;
mod select;
#[cfg(feature = "testing")]
pub mod testing;
mod transaction;
mod unit_of_work;

use std::fs::OpenOptions;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use billing_core::ports::{IdSource, StoreError};
use sea_orm::{ConnectionTrait, DbBackend};

use account_turns::AccountTurns;
use connect::Connections;
pub use connect::Pools;
use pool::RuntimeBoundPool;

/// How long [`SqlStore::close`] waits for work in progress.
const CLOSING: Duration = Duration::from_secs(5);

/// A database, as the implementation of every store port of `billing-core`.
#[derive(Clone)]
pub struct SqlStore {
    connections: Connections,
    ids: Arc<dyn IdSource>,
    optimistic: Arc<ledger::OptimisticPost>,
    turns: Arc<AccountTurns>,
}

/// Why a database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The URL has an unsupported scheme.
    #[error("the database URL must be sqlite://FILE or postgres://…")]
    UnknownUrl,
    /// A part of the URL is invalid. It is not named, because it may contain a password.
    #[error("the database URL cannot be used: its port, a parameter, or what is escaped in it is wrong")]
    UnusableUrl,
    /// The folder of the SQLite file does not exist.
    #[error("the folder {} does not exist", .0.display())]
    NoSuchFolder(PathBuf),
    /// The SQLite file does not exist; migrating creates it.
    #[error("there is no database at {} yet: `billing migrate` makes it", .0.display())]
    NoDatabase(PathBuf),
    /// The database cannot be opened; the text says why and what to do, and quotes no part of the URL that may be
    /// secret.
    #[error("{0}")]
    Unreachable(String),
    /// Migrating did not end within this many minutes.
    #[error(
        "the database was not migrated within {0} minutes: does another process that migrates hang, or the network?"
    )]
    MigrationTooLong(u64),
    /// The schema cannot be migrated.
    #[error("the database cannot be migrated")]
    Migration(#[source] StoreError),
}

impl SqlStore {
    /// Opens the database at `url` (`sqlite://FILE` or `postgres://…`), which must be [migrated](Self::migrate). On
    /// Postgres up to `pools` connections are used, as a total or per kind of work; SQLite has one for writing and
    /// four for reading.
    ///
    /// # Errors
    ///
    /// [`ConnectError`]; a retry may succeed later.
    pub async fn connect(
        url: &str,
        pools: impl Into<Pools>,
        ids: Arc<dyn IdSource>,
    ) -> Result<Self, ConnectError> {
        let connections = connect::connect(url, pools.into()).await?;
        Ok(Self { connections, ids, optimistic: Arc::default(), turns: Arc::default() })
    }

    /// Applies the missing migrations. Safe to run in several processes concurrently: one migrates, the others wait.
    ///
    /// # Errors
    ///
    /// [`ConnectError`]; a failed migration was rolled back.
    pub async fn migrate(url: &str) -> Result<(), ConnectError> {
        connect::migrate(url).await
    }

    /// Closes the connections after their work is done, or leaves them to the end of the process if that takes more
    /// than [`CLOSING`].
    pub async fn close(self) {
        let Connections { writer, reader, ledger, balances, probe } = self.connections;
        let files = writer.calls().clone();
        let closed = tokio::time::timeout(CLOSING, async {
            for pool in [probe, ledger, balances, writer, reader] {
                if let Err(error) = pool.connection().close_by_ref().await {
                    tracing::warn!(%error, "a connection did not close");
                }
            }
            if let Err(error) = files.close_files().await {
                tracing::warn!(%error, "the database file was not closed in good order");
            }
        });
        if closed.await.is_err() {
            tracing::warn!("connections were still in use and are given up");
        }
    }

    fn writer(&self) -> &RuntimeBoundPool {
        &self.connections.writer
    }

    /// The pool for postings.
    fn ledger(&self) -> &RuntimeBoundPool {
        &self.connections.ledger
    }

    /// The pool for balance reads.
    fn balances_home(&self) -> &RuntimeBoundPool {
        &self.connections.balances
    }

    /// The pool for health checks, separate from all work, which may have every other connection in use.
    fn probe_pool(&self) -> &RuntimeBoundPool {
        &self.connections.probe
    }

    fn reader(&self) -> &RuntimeBoundPool {
        &self.connections.reader
    }
}

/// `options` with access for the file's owner only.
fn private_file(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

fn is_postgres(connection: &impl ConnectionTrait) -> bool {
    connection.get_database_backend() == DbBackend::Postgres
}
