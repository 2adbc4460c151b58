//! How the schema came to be, forwards only, on both databases.

mod ddl;
mod lock;
mod m0001_first;

use sea_orm_migration::prelude::*;

pub(crate) use lock::{beside, migrate};

/// Every migration there is, oldest first. A released one is never changed.
pub(crate) struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(m0001_first::Migration)]
    }
}
