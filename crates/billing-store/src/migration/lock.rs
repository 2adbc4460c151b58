//! Several processes may start at once; one of them migrates.

use std::fs::File;
use std::path::PathBuf;

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr};
use sea_orm_migration::MigratorTrait;

use super::Migrator;

/// Any number will do, as long as every process takes the same.
const ADVISORY_LOCK: i64 = 0x6269_6c6c_696e_6701;

/// Waits for the file beside the SQLite database at `database`. The lock lasts until the answer is dropped.
///
/// Take it before the database is opened: the first to open one switches it to write-ahead logging, and whoever
/// opens it in that moment is told at once that it is locked, whatever the busy timeout.
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

/// Applies what is missing. On Postgres the others wait and then find nothing to do; on SQLite they wait for the
/// file [beside] it.
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
