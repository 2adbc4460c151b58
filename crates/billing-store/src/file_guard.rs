//! Whether SQLite's files are still those that were opened.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Mutex;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection};

/// Watches the database file and the two beside it. A process goes on writing to files that were moved away, removed or
/// replaced, and nobody finds there what it acknowledged; so nothing is asked of such files, and no commit to them is
/// acknowledged.
#[derive(Debug)]
pub(crate) struct FileGuard {
    files: Vec<(PathBuf, Option<FileId>)>,
    /// Open for as long as the process: SQLite makes the files beside the database anew only when nobody has them open.
    _keeper: Mutex<SqliteConnection>,
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
        Ok(Self { files: files.into(), _keeper: Mutex::new(keeper) })
    }

    /// # Errors
    ///
    /// [`FilesReplaced`] where one of them is another file now, or gone.
    pub(crate) fn check(&self) -> Result<(), FilesReplaced> {
        match self.files.iter().find(|(file, id)| id_of(file) != *id) {
            Some((file, _)) => Err(FilesReplaced(file.clone())),
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
