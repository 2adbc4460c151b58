//! Whether SQLite's files are still those that were opened.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection};
use tokio::sync::Mutex;

/// Watches the database file and the two beside it. A process goes on writing to files that were moved away, removed or
/// replaced, and nobody finds there what it acknowledged; so nothing is asked of such files, and no commit to them is
/// acknowledged.
#[derive(Debug)]
pub(crate) struct FileGuard {
    files: Arc<[(PathBuf, Option<FileId>)]>,
    /// Open until the store is closed: SQLite makes the files beside the database anew only when nobody has them open.
    keeper: Mutex<Option<SqliteConnection>>,
}

/// Another file lies where the database was opened, or none.
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
    /// Remembers which files those of the database at `path`, which `url` names, are now.
    pub(crate) async fn open(url: &str, path: &Path) -> Result<Self, sqlx::Error> {
        let options =
            SqliteConnectOptions::from_str(url)?.create_if_missing(false).disable_statement_logging();
        let mut keeper = SqliteConnection::connect_with(&options).await?;
        // Only a read has it open the files beside the database.
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

    /// Asks the file system on a thread of its own: one that hangs must not stop those that work for everybody.
    ///
    /// # Errors
    ///
    /// [`FilesReplaced`] where one of them is another file now, or gone.
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

    /// Closes the last connection, which has SQLite write its log into the database and remove it.
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

/// Files that are open cannot be moved or removed here.
#[cfg(not(unix))]
fn id_of(file: &Path) -> Option<FileId> {
    file.exists().then_some(())
}
