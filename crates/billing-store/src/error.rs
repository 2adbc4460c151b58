//! Classification of database errors.

use std::collections::BTreeSet;
use std::sync::Arc;

use billing_core::ports::{CommitError, StoreError};
use sea_orm::error::ConnAcquireErr;
use sea_orm::{DbErr, RuntimeErr};

/// The meaning of a database's error code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cause {
    /// A unique value exists, or another transaction conflicts: read again.
    Conflict,
    /// A lock was not acquired in time.
    LockTimeout,
    /// A statement took too long, or no connection is available.
    Busy,
    /// The disk is full.
    StorageFull,
    /// The database accepts no writes.
    ReadOnly,
    /// The database, its disk or the network fails, or it is shutting down.
    Unavailable,
    /// For a COMMIT the outcome is unknown: a pooler that lost the server, a distributed database, a failed disk.
    Doubtful,
    Other,
}

impl Cause {
    fn of(error: &DbErr) -> Option<Self> {
        database_code(error).map(|code| Self::of_code(&code))
    }

    /// Postgres codes have five characters, SQLite's up to four digits.
    fn of_code(code: &str) -> Self {
        if code.len() == 5 { Self::of_postgres(code) } else { Self::of_sqlite(code) }
    }

    /// <https://www.postgresql.org/docs/current/errcodes-appendix.html>
    fn of_postgres(code: &str) -> Self {
        match code {
            // unique_violation, serialization_failure, deadlock_detected. And a session that was idle in its
            // transaction for too long: the server has rolled it back.
            "23505" | "40001" | "40P01" | "25P03" => Self::Conflict,
            "55P03" => Self::LockTimeout,
            // query_canceled (statement timeout), too_many_connections, out_of_memory.
            "57014" | "53300" | "53200" => Self::Busy,
            "53100" => Self::StorageFull,
            "25006" => Self::ReadOnly,
            "40003" => Self::Doubtful,
            _ if code.starts_with("08") || code.starts_with("57P") => Self::Doubtful,
            // io_error and similar; a refused login (authorization, no such database, none accepted), which a new
            // connection may meet at any time.
            _ if code.starts_with("58") || code.starts_with("28") => Self::Unavailable,
            "3D000" | "55000" | "42501" => Self::Unavailable,
            _ => Self::Other,
        }
    }

    /// <https://www.sqlite.org/rescode.html>; the low byte is the primary code.
    fn of_sqlite(code: &str) -> Self {
        let Ok(code) = code.parse::<i32>() else { return Self::Other };
        match (code, code & 0xff) {
            // CONSTRAINT_UNIQUE, CONSTRAINT_PRIMARYKEY, CONSTRAINT_ROWID, BUSY_SNAPSHOT.
            (2067 | 1555 | 2579 | 517, _) => Self::Conflict,
            // BUSY, LOCKED.
            (_, 5 | 6) => Self::Busy,
            // FULL, IOERR_SHMSIZE: the index of the write-ahead log could not grow.
            (_, 13) | (4874, _) => Self::StorageFull,
            (_, 8) => Self::ReadOnly,
            // NOMEM, IOERR: a COMMIT may have reached the log before.
            (_, 7 | 10) => Self::Doubtful,
            // CANTOPEN, PROTOCOL.
            (_, 14 | 15) => Self::Unavailable,
            _ => Self::Other,
        }
    }
}

/// The error of a failed statement, for a write.
pub(crate) fn commit_error(error: DbErr) -> CommitError {
    match Cause::of(&error) {
        Some(Cause::Conflict) => CommitError::Conflict,
        _ => CommitError::Store(store_error(error)),
    }
}

/// The error of a failed statement, for a read.
pub(crate) fn store_error(error: DbErr) -> StoreError {
    match Cause::of(&error) {
        Some(Cause::Conflict | Cause::Busy) => StoreError::Busy,
        Some(Cause::LockTimeout) => StoreError::LockTimeout { accounts: BTreeSet::new() },
        Some(Cause::StorageFull) => StoreError::StorageFull(Arc::new(error)),
        Some(Cause::ReadOnly) => StoreError::ReadOnly(Arc::new(error)),
        Some(Cause::Unavailable | Cause::Doubtful) => StoreError::Unavailable(Arc::new(error)),
        Some(Cause::Other) => StoreError::Unexpected(Arc::new(error)),
        None => match &error {
            DbErr::ConnectionAcquire(_) => StoreError::Busy,
            DbErr::Conn(_) => StoreError::Unavailable(Arc::new(error)),
            _ if is_cut_off(&error) => StoreError::Unavailable(Arc::new(error)),
            _ if is_unreadable(&error) => StoreError::Corrupt(error.to_string()),
            _ => StoreError::Unexpected(Arc::new(error)),
        },
    }
}

/// Whether a column's value does not fit its type.
fn is_unreadable(error: &DbErr) -> bool {
    match error {
        DbErr::Query(RuntimeErr::SqlxError(error)) => {
            matches!(&**error, sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_))
        }
        DbErr::Type(_) | DbErr::Json(_) | DbErr::TryIntoErr { .. } => true,
        _ => false,
    }
}

/// The driver's own error in the mapper's form.
pub(crate) fn mapped(error: sqlx::Error) -> DbErr {
    match error {
        sqlx::Error::PoolTimedOut => DbErr::ConnectionAcquire(ConnAcquireErr::Timeout),
        sqlx::Error::PoolClosed => DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed),
        error => DbErr::Query(RuntimeErr::SqlxError(Arc::new(error))),
    }
}

/// The error of a failed COMMIT: unless the database itself refused it, the outcome is unknown.
pub(crate) fn after_commit(error: DbErr) -> CommitError {
    match Cause::of(&error) {
        // SQLite runs out of space while it writes the log, before the commit record: nothing was committed.
        Some(cause) if cause != Cause::Doubtful => commit_error(error),
        _ => CommitError::Store(StoreError::OutcomeUnknown(Arc::new(error))),
    }
}

/// The error of a failed autocommit statement: as of a COMMIT, unless it was never sent.
pub(crate) fn after_statement(error: DbErr) -> CommitError {
    match error {
        DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => CommitError::Store(store_error(error)),
        error => after_commit(error),
    }
}

/// An invalid stored value.
pub(crate) fn corrupt(
    table: &str,
    column: &str,
    id: impl std::fmt::Display,
    problem: impl std::fmt::Display,
) -> StoreError {
    StoreError::Corrupt(format!("{table}.{column} of {id}: {problem}"))
}

/// Our own check inside a statement failed: the number of rows that it wrote is wrong.
pub(crate) fn did_not_add_up(error: &DbErr) -> bool {
    // Postgres: division_by_zero, which has no other cause here.
    database_code(error).as_deref() == Some("22012")
}

/// The session, or the database, accepts no writes.
pub(crate) fn is_read_only(error: &DbErr) -> bool {
    Cause::of(error) == Some(Cause::ReadOnly)
}

/// The connection is gone, or the server ended it.
pub(crate) fn is_cut_off(error: &DbErr) -> bool {
    if database_code(error).is_some_and(|code| code.starts_with("57P")) {
        return true;
    }
    matches!(
        sqlx_error(error),
        Some(
            sqlx::Error::Io(_)
                | sqlx::Error::PoolClosed
                | sqlx::Error::WorkerCrashed
                | sqlx::Error::BeginFailed
                // A server or a proxy that disappears during a response leaves half of it.
                | sqlx::Error::Protocol(_)
                | sqlx::Error::Tls(_)
        )
    )
}

pub(crate) fn sqlx_error(error: &DbErr) -> Option<&sqlx::Error> {
    match error {
        DbErr::Conn(RuntimeErr::SqlxError(error))
        | DbErr::Exec(RuntimeErr::SqlxError(error))
        | DbErr::Query(RuntimeErr::SqlxError(error)) => Some(error),
        _ => None,
    }
}

pub(crate) fn database_code(error: &DbErr) -> Option<String> {
    sqlx_error(error)?.as_database_error()?.code().map(std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::Cause;

    #[test]
    fn codes_of_both_databases_are_told_apart_by_their_cause() {
        for (code, cause) in [
            ("23505", Cause::Conflict),
            ("25P03", Cause::Conflict),
            ("55P03", Cause::LockTimeout),
            ("57014", Cause::Busy),
            ("53100", Cause::StorageFull),
            ("25006", Cause::ReadOnly),
            ("57P01", Cause::Doubtful),
            ("08006", Cause::Doubtful),
            ("58030", Cause::Unavailable),
            ("28P01", Cause::Unavailable),
            ("55000", Cause::Unavailable),
            ("42P01", Cause::Other),
            // UNIQUE, BUSY_SNAPSHOT, BUSY, BUSY_RECOVERY.
            ("2067", Cause::Conflict),
            ("517", Cause::Conflict),
            ("5", Cause::Busy),
            ("261", Cause::Busy),
            // FULL, IOERR_SHMSIZE, READONLY, READONLY_DBMOVED.
            ("13", Cause::StorageFull),
            ("4874", Cause::StorageFull),
            ("8", Cause::ReadOnly),
            ("1032", Cause::ReadOnly),
            // IOERR_WRITE, IOERR_FSYNC, NOMEM, CANTOPEN, a failed CHECK.
            ("778", Cause::Doubtful),
            ("1034", Cause::Doubtful),
            ("7", Cause::Doubtful),
            ("14", Cause::Unavailable),
            ("275", Cause::Other),
        ] {
            assert_eq!(Cause::of_code(code), cause, "{code}");
        }
    }
}
