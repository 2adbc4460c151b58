//! Migrations as SQL text.

use billing_core::values::Fingerprint;
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use sea_orm_migration::prelude::*;

use super::ddl::to_dialect;

/// A migration as SQL text. Its checksum is stored in the same transaction.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SqlMigration {
    pub(super) name: &'static str,
    pub(super) parts: &'static [&'static str],
    /// Additional statements for SQLite only, run last.
    pub(super) for_sqlite: &'static str,
}

const KEEP_CHECKSUM: &str = "INSERT INTO migration_checksums (name, checksum) VALUES ($1, $2)";

impl SqlMigration {
    pub(crate) const fn migration_name(&self) -> &'static str {
        self.name
    }

    /// The hash of the text, the same on every database.
    pub(crate) fn checksum(&self) -> [u8; 32] {
        let parts = self.parts.iter().chain([&self.for_sqlite]);
        *Fingerprint::of(parts.map(|part| part.as_bytes())).bytes()
    }

    /// The statements for `backend`, before their conversion to its dialect.
    pub(super) fn statements(&self, backend: DbBackend) -> impl Iterator<Item = &'static str> {
        let own = (backend == DbBackend::Sqlite).then_some(&self.for_sqlite);
        let parts = self.parts.iter().chain(own);
        parts.flat_map(|part| part.split(';')).map(str::trim).filter(|text| !text.is_empty())
    }
}

impl MigrationName for SqlMigration {
    fn name(&self) -> &str {
        self.name
    }
}

#[async_trait::async_trait]
impl MigrationTrait for SqlMigration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let (backend, connection) = (manager.get_database_backend(), manager.get_connection());
        for statement in self.statements(backend) {
            connection.execute_unprepared(&to_dialect(backend, statement)).await?;
        }
        let values = [self.name.into(), self.checksum().to_vec().into()];
        connection.execute_raw(Statement::from_sql_and_values(backend, KEEP_CHECKSUM, values)).await?;
        Ok(())
    }
}
