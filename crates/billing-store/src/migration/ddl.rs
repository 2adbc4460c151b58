//! The differences between the two databases' dialects of table definitions.

use sea_orm_migration::sea_orm::DbBackend;

/// Converts `sql` to the database's dialect: `{id}` for a UUID, `{int}` for 64 bits, `{small}` for 16, `{bytes}`,
/// `{bool}`, and `{strict}` at the end of a table (SQLite then refuses a text in an integer). `{hot}` leaves space in
/// each page for HOT updates on Postgres.
pub(super) fn to_dialect(backend: DbBackend, sql: &str) -> String {
    let words: [(&str, &str); 7] = match backend {
        DbBackend::Postgres => [
            ("{id}", "uuid"),
            ("{int}", "bigint"),
            ("{small}", "smallint"),
            ("{bytes}", "bytea"),
            ("{bool}", "boolean"),
            ("{strict}", ""),
            ("{hot}", "WITH (fillfactor = 60)"),
        ],
        _ => [
            ("{id}", "BLOB"),
            ("{int}", "INTEGER"),
            ("{small}", "INTEGER"),
            ("{bytes}", "BLOB"),
            ("{bool}", "INTEGER"),
            ("{strict}", "STRICT"),
            ("{hot}", "STRICT"),
        ],
    };
    words.iter().fold(sql.to_owned(), |sql, (word, own)| sql.replace(word, own))
}
