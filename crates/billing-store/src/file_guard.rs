//! Detects SQLite files that were moved or replaced.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection};
use tokio::sync::Mutex;

/// Watches the database file and the two beside it. A process continues to write to files that were moved away,
/// removed or replaced, where acknowledged data would be lost; so such files are not queried, and no commit to them is
/// acknowledged.
#[derive(Debug)]
pub(crate) struct FileGuard {
    files: Arc<[(PathBuf, Option<FileId>)]>,
    /// Open until the store is closed: SQLite recreates the files beside the database only when no connection has them
    /// open.
    keeper: Mutex<Option<SqliteConnection>>,
}

/// The path of the database has another file, or none.
#[derive(Debug, thiserror::Error)]
#[error(
    "the database's files were moved, removed or replaced while the service ran: put {} back, or restart the service",
    .0.display()
)]
pub(crate) struct FilesReplaced(PathBuf);

#[cfg(unix)]
type FileId = (u64, u64);
#[cfg(not(unix))]
type FileId = ();

impl FileGuard {
    /// Remembers the identity of the files of the database at `path`, which `url` names.
    pub(crate) async fn open(url: &str, path: &Path) -> Result<Self, sqlx::Error> {
        let options =
            SqliteConnectOptions::from_str(url)?.create_if_missing(false).disable_statement_logging();
        let mut keeper = SqliteConnection::connect_with(&options).await?;
        // SQLite opens the files beside the database at the first read.
        sqlx::query("SELECT count(*) FROM sqlite_schema").execute(&mut keeper).await?;
        let files = ["", "-wal", "-shm"].map(|end| {
            let mut name = path.as_os_str().to_owned();
            name.push(end);
            let file = PathBuf::from(name);
            let id = id_of(&file);
            (file, id)
        });
        Ok(Self { files: Arc::new(files), keeper: Mutex::new(Some(keeper)) })
    }

    /// Queries the file system on a separate thread: a hanging one must not block the runtime's threads.
    ///
    /// # Errors
    ///
    /// [`FilesReplaced`] if one of them is another file now, or missing.
    pub(crate) async fn check(&self) -> Result<(), FilesReplaced> {
        let files = self.files.clone();
        let moved = tokio::task::spawn_blocking(move || {
            files.iter().find(|(file, id)| id_of(file) != *id).map(|(file, _)| file.clone())
        });
        // It ends early only with its runtime, and then nothing is acknowledged either.
        match moved.await.unwrap_or_default() {
            Some(file) => Err(FilesReplaced(file)),
            None => Ok(()),
        }
    }

    /// Closes the last connection: SQLite then checkpoints its log and removes it.
    pub(crate) async fn close(&self) -> Result<(), sqlx::Error> {
        let keeper = self.keeper.lock().await.take();
        match keeper {
            Some(keeper) => keeper.close().await,
            None => Ok(()),
        }
    }
}

#[cfg(unix)]
fn id_of(file: &Path) -> Option<FileId> {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata(file).ok().map(|found| (found.dev(), found.ino()))
}

/// On this system open files cannot be moved or removed.
#[cfg(not(unix))]
fn id_of(file: &Path) -> Option<FileId> {
    file.exists().then_some(())
}
