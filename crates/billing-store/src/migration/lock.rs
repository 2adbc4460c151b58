//! Several processes may start at once; one of them migrates.

use std::fs::File;
use std::path::Path;

use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr};
use sea_orm_migration::MigratorTrait;

use super::Migrator;

/// Any number will do, as long as every process takes the same.
const ADVISORY_LOCK: i64 = 0x6269_6c6c_696e_6701;

/// Applies what is missing. The others wait and then find nothing to do.
///
/// `connection` must be a pool of one on Postgres: the lock belongs to the session.
pub(crate) async fn migrate(connection: &DatabaseConnection, lock_file: Option<&Path>) -> Result<(), DbErr> {
    if let Some(path) = lock_file {
        let path = path.to_owned();
        let lock = tokio::task::spawn_blocking(move || lock(&path)).await;
        let _lock = lock.map_err(|error| DbErr::Custom(error.to_string()))?.map_err(|error| {
            DbErr::Custom(format!("the lock file beside the database cannot be used: {error}"))
        })?;
        return Migrator::up(connection, None).await;
    }
    connection.execute_unprepared(&format!("SELECT pg_advisory_lock({ADVISORY_LOCK})")).await?;
    let migrated = Migrator::up(connection, None).await;
    connection.execute_unprepared(&format!("SELECT pg_advisory_unlock({ADVISORY_LOCK})")).await?;
    migrated
}

fn lock(path: &Path) -> std::io::Result<File> {
    let file = File::options().create(true).truncate(false).write(true).open(path)?;
    file.lock()?;
    Ok(file)
}
