//! The migration lock: of several processes that start concurrently, one migrates.

use std::fs::File;
use std::path::PathBuf;

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr};
use sea_orm_migration::MigratorTrait;

use super::Migrator;

/// An arbitrary number, the same in every process.
const ADVISORY_LOCK: i64 = 0x6269_6c6c_696e_6701;

/// Locks the file beside the SQLite database at `database`. The lock is held until the result is dropped.
///
/// Acquire it before the database is opened: the first connection switches the database to write-ahead logging, and a
/// concurrent open fails as locked, regardless of the busy timeout.
pub(crate) async fn beside(database: PathBuf) -> Result<File, DbErr> {
    let mut path = database.into_os_string();
    path.push(".lock");
    let locked = tokio::task::spawn_blocking(move || {
        let file =
            crate::private_file(File::options().create(true).truncate(false).write(true)).open(path)?;
        file.lock()?;
        Ok::<_, std::io::Error>(file)
    });
    locked
        .await
        .map_err(|error| DbErr::Custom(error.to_string()))?
        .map_err(|error| DbErr::Custom(format!("the lock file beside the database cannot be used: {error}")))
}

/// Applies missing migrations. On Postgres other processes wait and then find nothing to do; on SQLite they wait for
/// the file [beside] it.
///
/// `connection` must be a pool of one: Postgres' lock belongs to the session.
pub(crate) async fn migrate(connection: &DatabaseConnection) -> Result<(), DbErr> {
    if connection.get_database_backend() != DbBackend::Postgres {
        return Migrator::up(connection, None).await;
    }
    connection.execute_unprepared(&format!("SELECT pg_advisory_lock({ADVISORY_LOCK})")).await?;
    let migrated = Migrator::up(connection, None).await;
    connection.execute_unprepared(&format!("SELECT pg_advisory_unlock({ADVISORY_LOCK})")).await?;
    migrated
}
