//! SQLite: one file, one connection for writing, four for reading.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sea_orm::{ConnectOptions, Database, DatabaseConnection};
use sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};

use super::{Connections, diagnosis, quiet};
use crate::ConnectError;
use crate::error::mapped;
use crate::file_guard::FileGuard;
use crate::pool::{CallGuard, RuntimeBoundPool};
use crate::retirement::{Peer, Retirement};

/// How long SQLite itself waits for another writing process. A batch retries a few times within the call's deadline.
const BUSY: Duration = Duration::from_secs(2);
/// The deadline of a call: longer than the wait for other writers, so that only a hanging file system reaches it.
const CALL: Duration = Duration::from_secs(9);
/// How long a caller waits for a connection.
const ACQUIRE: Duration = Duration::from_secs(8);

/// Opens the file at `path`, which `url` names.
pub(super) async fn pools(url: &str, path: &Path) -> Result<Connections, ConnectError> {
    // It sets the journal mode before the guard opens the files that come with it.
    let writer = open(url, 1, false).await?;
    let reader = open(url, 4, true).await?;
    let files = FileGuard::open(url, path).await;
    let files = Arc::new(files.map_err(|error| diagnosis::sqlite(&mapped(error)))?);
    let [writer, reader] = [writer, reader].map(|pool| pool.watching(&files));
    let (ledger, probe, balances) = (writer.clone(), writer.clone(), reader.clone());
    Ok(Connections { writer, reader, ledger, balances, probe })
}

pub(super) async fn for_migrations(url: &str) -> Result<DatabaseConnection, ConnectError> {
    Database::connect(options(url, 1, false)).await.map_err(|error| diagnosis::sqlite(&error))
}

pub(super) fn refuse_missing_folder(path: &Path) -> Result<(), ConnectError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    match folder {
        Some(folder) if !folder.is_dir() => Err(ConnectError::NoSuchFolder(folder.to_owned())),
        _ => Ok(()),
    }
}

/// Creates the file at `path` if it does not exist, accessible to its owner only. SQLite gives the files beside it the
/// same permissions.
pub(super) fn create(path: &Path) -> Result<(), ConnectError> {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    let log = Path::new(&log);
    if !path.exists() && std::fs::metadata(log).is_ok_and(|log| log.len() > 0) {
        return Err(ConnectError::Unreachable(format!(
            "{} is there without its database: put the database back beside it, or move it away",
            log.display()
        )));
    }
    match crate::private_file(File::options().write(true).create_new(true)).open(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            Err(ConnectError::Unreachable(format!("{} cannot be created: {error}", path.display())))
        }
        _ => Ok(()),
    }
}

async fn open(url: &str, connections: u32, read_only: bool) -> Result<RuntimeBoundPool, ConnectError> {
    let retirement = Retirement::of(Peer::File);
    let mut options = options(url, connections, read_only);
    let watching = retirement.clone();
    options.map_sqlx_sqlite_pool_opts(move |options| watching.watch(options));
    let connection = Database::connect(options).await.map_err(|error| diagnosis::sqlite(&error))?;
    Ok(RuntimeBoundPool::here(connection, CallGuard::new(CALL, retirement)))
}

fn options(url: &str, connections: u32, read_only: bool) -> ConnectOptions {
    let mut options = quiet(url, connections, ACQUIRE);
    options.map_sqlx_sqlite_opts(move |options| {
        let options = options
            // A file that was moved away under a running service must not be replaced by an empty one.
            .create_if_missing(false)
            .foreign_keys(true)
            .journal_mode(SqliteJournalMode::Wal)
            // NORMAL may lose acknowledged commits on a power failure.
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(BUSY);
        if read_only { options.pragma("query_only", "ON") } else { options }
    });
    options
}
