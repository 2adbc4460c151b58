//! The migrations of the schema, forward only, for both databases.

mod applied;
mod ddl;
mod drift;
mod lock;
mod m0001_first;
mod sql_migration;

use sea_orm_migration::prelude::*;

pub(crate) use applied::applied_problems;
pub(crate) use drift::schema_drift;
pub(crate) use lock::{beside, migrate};
use sql_migration::SqlMigration;

/// All migrations, oldest first. A released one is never changed.
const MIGRATIONS: [SqlMigration; 1] = [m0001_first::FIRST];

pub(crate) struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        let boxed = |migration: SqlMigration| -> Box<dyn MigrationTrait> { Box::new(migration) };
        MIGRATIONS.into_iter().map(boxed).collect()
    }
}
