//! Schema drift: the differences between the schema and the migrations.
//!
//! The migrations are run on an in-memory SQLite database, whose schema is compared with the real one: tables, columns
//! with their types, and indexes.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ConnectOptions, ConnectionTrait, Database, DbBackend, DbErr, FromQueryResult, Statement};

use super::MIGRATIONS;
use super::ddl::to_dialect;

/// The parts of each table, in a form that is the same on both databases.
type Schema = BTreeMap<String, BTreeSet<String>>;

#[derive(FromQueryResult)]
struct ColumnRow {
    table_name: String,
    name: String,
    kind: String,
    required: bool,
}

/// One column of an index.
#[derive(FromQueryResult)]
struct IndexRow {
    table_name: String,
    name: String,
    is_unique: bool,
    /// `p` for a primary key, `u` for a unique constraint, `c` for CREATE INDEX.
    origin: String,
    is_partial: bool,
    column_name: Option<String>,
}

const SQLITE_COLUMNS: &str = r#"
SELECT m.name AS table_name, c.name AS name, lower(c.type) AS kind, (c."notnull" <> 0 OR c.pk <> 0) AS required
FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table'"#;

const SQLITE_INDEXES: &str = r#"
SELECT m.name AS table_name, i.name AS name, i."unique" AS is_unique, substr(i.origin, 1, 1) AS origin,
    i.partial AS is_partial, c.name AS column_name
FROM sqlite_master m JOIN pragma_index_list(m.name) i JOIN pragma_index_info(i.name) c
WHERE m.type = 'table' ORDER BY i.name, c.seqno"#;

const POSTGRES_COLUMNS: &str = "
SELECT t.relname::text AS table_name, a.attname::text AS name, format_type(a.atttypid, a.atttypmod) AS kind,
    a.attnotnull AS required
FROM pg_class t JOIN pg_attribute a ON a.attrelid = t.oid
WHERE t.relkind = 'r' AND t.relnamespace = current_schema()::regnamespace AND a.attnum > 0 AND NOT a.attisdropped";

const POSTGRES_INDEXES: &str = "
SELECT t.relname::text AS table_name, i.relname::text AS name, x.indisunique AS is_unique,
    CASE WHEN x.indisprimary THEN 'p' WHEN EXISTS (
        SELECT 1 FROM pg_constraint k WHERE k.conindid = x.indexrelid AND k.contype = 'u'
    ) THEN 'u' ELSE 'c' END AS origin,
    x.indpred IS NOT NULL AS is_partial, a.attname::text AS column_name
FROM pg_index x
JOIN pg_class t ON t.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
CROSS JOIN LATERAL generate_series(0, x.indnkeyatts - 1) AS n
LEFT JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = x.indkey[n]
WHERE t.relkind = 'r' AND t.relnamespace = current_schema()::regnamespace AND x.indisvalid
ORDER BY i.relname, n";

/// The missing and additional objects, compared with the migrations, each in a sentence. Read-only. Other tables in
/// the same database are ignored.
pub(crate) async fn schema_drift(database: &impl ConnectionTrait) -> Result<Vec<String>, DbErr> {
    let expected = expected(database.get_database_backend()).await?;
    let found = read(database).await?;
    let mut problems = Vec::new();
    for (table, expected) in &expected {
        let Some(found) = found.get(table) else {
            problems.push(format!("table {table} is missing"));
            continue;
        };
        problems.extend(expected.difference(found).map(|part| format!("{part} of {table} is missing")));
        problems.extend(
            found.difference(expected).map(|part| format!("{part} of {table} was made by no migration")),
        );
    }
    Ok(problems)
}

/// The schema of the migrations, with the types of `backend`. SQLite accepts the names of Postgres' types unchanged.
async fn expected(backend: DbBackend) -> Result<Schema, DbErr> {
    let mut options = ConnectOptions::new("sqlite::memory:");
    options.max_connections(1).sqlx_logging(false);
    let scratch = Database::connect(options).await?;
    for statement in MIGRATIONS.iter().flat_map(|migration| migration.statements(backend)) {
        let statement = to_dialect(backend, &statement.replace("{hot}", "{strict}"));
        scratch.execute_unprepared(&statement).await?;
    }
    let schema = read(&scratch).await;
    scratch.close().await?;
    schema
}

async fn read(database: &impl ConnectionTrait) -> Result<Schema, DbErr> {
    let backend = database.get_database_backend();
    let (columns, indexes) = match backend {
        DbBackend::Postgres => (POSTGRES_COLUMNS, POSTGRES_INDEXES),
        _ => (SQLITE_COLUMNS, SQLITE_INDEXES),
    };
    let mut schema = Schema::new();
    let columns =
        ColumnRow::find_by_statement(Statement::from_string(backend, columns)).all(database).await?;
    for ColumnRow { table_name, name, kind, required } in columns {
        let null = if required { " not null" } else { "" };
        schema.entry(table_name).or_default().insert(format!("column {name} {kind}{null}"));
    }
    let rows = IndexRow::find_by_statement(Statement::from_string(backend, indexes)).all(database).await?;
    for rows in rows.chunk_by(|one, next| one.name == next.name) {
        let Some(index) = rows.first() else { continue };
        let columns = rows.iter().map(|row| row.column_name.as_deref().unwrap_or("an expression"));
        let columns = columns.collect::<Vec<_>>().join(", ");
        let part = match index.origin.as_str() {
            "p" => format!("primary key ({columns})"),
            "u" => format!("unique constraint ({columns})"),
            _ => {
                let unique = if index.is_unique { "unique " } else { "" };
                let partial = if index.is_partial { " where a condition holds" } else { "" };
                format!("{unique}index {} ({columns}){partial}", index.name)
            }
        };
        schema.entry(index.table_name.clone()).or_default().insert(part);
    }
    Ok(schema)
}
