//! The applied migrations of a database.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, Statement};

use super::MIGRATIONS;

#[derive(FromQueryResult)]
struct Applied {
    name: String,
    checksum: Option<Vec<u8>>,
}

const APPLIED: &str = "
SELECT m.version AS name, c.checksum AS checksum
FROM seaql_migrations m LEFT JOIN migration_checksums c ON c.name = m.version";

/// The number of existing tables about migrations, of two.
const TABLES_SQLITE: &str = "
SELECT count(*) AS tables FROM sqlite_master
WHERE type = 'table' AND name IN ('seaql_migrations', 'migration_checksums')";
const TABLES_POSTGRES: &str = "
SELECT count(named.found) AS tables
FROM (VALUES (to_regclass('seaql_migrations')), (to_regclass('migration_checksums'))) AS named (found)";

/// The differences between the applied migrations and those of this program, each in a sentence. Read-only, creates no
/// table.
pub(crate) async fn applied_problems(database: &impl ConnectionTrait) -> Result<Vec<String>, DbErr> {
    let backend = database.get_database_backend();
    let tables = if backend == DbBackend::Postgres { TABLES_POSTGRES } else { TABLES_SQLITE };
    let found = database.query_one_raw(Statement::from_string(backend, tables)).await?;
    let tables = found.map(|row| row.try_get::<i64>("", "tables")).transpose()?;
    let mut applied = BTreeMap::new();
    if tables == Some(2) {
        let rows = Applied::find_by_statement(Statement::from_string(backend, APPLIED)).all(database).await?;
        applied.extend(rows.into_iter().map(|row| (row.name, row.checksum)));
    }
    let mut problems = Vec::new();
    for migration in &MIGRATIONS {
        let name = migration.migration_name();
        match applied.remove(name) {
            None => problems.push(format!("migration {name} is not applied: run `billing migrate`")),
            Some(Some(checksum)) if checksum == migration.checksum() => {}
            Some(Some(_)) => problems.push(format!("migration {name} was applied with another text")),
            Some(None) => problems.push(format!("migration {name} was applied without a checksum")),
        }
    }
    let unknown = applied.into_keys();
    problems.extend(unknown.map(|name| format!("migration {name} is applied and not known to this program")));
    Ok(problems)
}
