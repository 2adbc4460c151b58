//! SQLite and Postgres behind the ports of `billing-core`: one adapter, two dialects.
//!
//! SQLite is the embedded default: one file, write-ahead log, full sync, one writer. Postgres is for
//! production. Both run the same statements, apart from row locks, which only Postgres has and needs.
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

mod billing;
#[cfg(all(test, feature = "testing"))]
mod cancelled_begin;
mod connect;
mod entity;
mod error;
mod home;
mod inbox;
mod ledger;
mod literal;
mod migration;
mod row;
#[cfg(feature = "testing")]
pub mod testing;
mod unit_of_work;

use std::path::PathBuf;
use std::sync::Arc;

use billing_core::ports::{IdSource, StoreError};
use sea_orm::{ConnectionTrait, DbBackend};

use connect::Connections;
pub use connect::Pools;
use home::Home;

/// A database, as every port of `billing-core` that stores or reads something.
#[derive(Clone)]
pub struct SqlStore {
    connections: Connections,
    ids: Arc<dyn IdSource>,
    at_once: Arc<ledger::AtOnce>,
}

/// Why a database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The URL is none of ours.
    #[error("the database URL must be sqlite://FILE or postgres://…")]
    UnknownUrl,
    /// A part of the URL cannot be used. Which one is not told: there may be a password in it.
    #[error("the database URL cannot be used: its port, a parameter, or what is escaped in it is wrong")]
    UnusableUrl,
    /// The SQLite file would lie in a folder that does not exist.
    #[error("the folder {} does not exist", .0.display())]
    NoSuchFolder(PathBuf),
    /// There is no SQLite file yet; migrating makes it.
    #[error("there is no database at {} yet: `billing migrate` makes it", .0.display())]
    NoDatabase(PathBuf),
    /// The database does not answer.
    #[error("the database cannot be opened")]
    Unreachable(#[source] StoreError),
    /// The schema cannot be brought up to date.
    #[error("the database cannot be migrated")]
    Migration(#[source] StoreError),
}

impl SqlStore {
    /// Opens the database at `url` (`sqlite://FILE` or `postgres://…`), which [`migrate`](Self::migrate) made
    /// before. On Postgres up to `pools` connections are used, a number of them or so many for each kind of work;
    /// SQLite has one that writes and four that read.
    ///
    /// # Errors
    ///
    /// [`ConnectError`]; the database may be up later.
    pub async fn connect(
        url: &str,
        pools: impl Into<Pools>,
        ids: Arc<dyn IdSource>,
    ) -> Result<Self, ConnectError> {
        let connections = connect::connect(url, pools.into()).await?;
        Ok(Self { connections, ids, at_once: Arc::default() })
    }

    /// Applies the migrations that the database does not have yet. Several processes may do so at once: one
    /// migrates, the others wait.
    ///
    /// # Errors
    ///
    /// [`ConnectError`]; a migration that failed was undone.
    pub async fn migrate(url: &str) -> Result<(), ConnectError> {
        connect::migrate(url).await
    }

    /// Closes the connections once their work is done.
    pub async fn close(self) {
        let Connections { writer, reader, ledger, balances } = self.connections;
        for connection in [ledger, balances, writer, reader] {
            if let Err(error) = connection.connection.close().await {
                tracing::warn!(%error, "a connection did not close");
            }
        }
    }

    fn writer(&self) -> &Home {
        &self.connections.writer
    }

    /// Where postings are carried out.
    fn ledger(&self) -> &Home {
        &self.connections.ledger
    }

    /// Where balances are read.
    fn balances_home(&self) -> &Home {
        &self.connections.balances
    }

    fn reader(&self) -> &Home {
        &self.connections.reader
    }
}

fn is_postgres(connection: &impl ConnectionTrait) -> bool {
    connection.get_database_backend() == DbBackend::Postgres
}
