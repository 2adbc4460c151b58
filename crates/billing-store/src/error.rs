//! What the databases' own errors mean.

use std::sync::Arc;

use billing_core::ports::{CommitError, StoreError};
use sea_orm::error::ConnAcquireErr;
use sea_orm::{DbErr, RuntimeErr};

/// What a failed statement means to whoever asked for the write.
pub(crate) fn commit_error(error: DbErr) -> CommitError {
    if is_conflict(&error) { CommitError::Conflict } else { CommitError::Store(store_error(error)) }
}

/// What a failed statement means to whoever asked for a read.
pub(crate) fn store_error(error: DbErr) -> StoreError {
    match &error {
        DbErr::ConnectionAcquire(_) => StoreError::Busy,
        DbErr::Conn(_) => StoreError::Unavailable(Arc::new(error)),
        _ if is_busy(&error) => StoreError::Busy,
        _ if is_cut_off(&error) => StoreError::Unavailable(Arc::new(error)),
        _ => StoreError::Unexpected(Arc::new(error)),
    }
}

/// The driver's own error as the mapper tells it.
pub(crate) fn mapped(error: sqlx::Error) -> DbErr {
    match error {
        sqlx::Error::PoolTimedOut => DbErr::ConnectionAcquire(ConnAcquireErr::Timeout),
        sqlx::Error::PoolClosed => DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed),
        error => DbErr::Query(RuntimeErr::SqlxError(Arc::new(error))),
    }
}

/// What a failed COMMIT means: unless the database itself refused it, nobody knows whether it was carried
/// out.
pub(crate) fn after_commit(error: DbErr) -> CommitError {
    match database_code(&error) {
        Some(code) if !is_doubtful(&code) => commit_error(error),
        _ => CommitError::Store(StoreError::OutcomeUnknown(Arc::new(error))),
    }
}

/// What a failure means of a statement that is its own transaction: as of a COMMIT, unless it was never sent.
pub(crate) fn after_statement(error: DbErr) -> CommitError {
    match error {
        DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => CommitError::Store(store_error(error)),
        error => after_commit(error),
    }
}

/// A stored value that is not what it has to be.
pub(crate) fn corrupt(
    table: &str,
    column: &str,
    id: impl std::fmt::Display,
    problem: impl std::fmt::Display,
) -> StoreError {
    StoreError::Corrupt(format!("{table}.{column} of {id}: {problem}"))
}

/// Our own check inside a statement failed: the rows that it wrote are not those that it should have.
pub(crate) fn did_not_add_up(error: &DbErr) -> bool {
    // Postgres: division_by_zero, which nothing else can come to.
    database_code(error).as_deref() == Some("22012")
}

/// Something unique is there already, or another transaction was in the way: reading again helps.
fn is_conflict(error: &DbErr) -> bool {
    let Some(code) = database_code(error) else { return false };
    // Postgres: unique_violation, serialization_failure, deadlock_detected, lock_not_available.
    // SQLite: CONSTRAINT_UNIQUE, CONSTRAINT_PRIMARYKEY, CONSTRAINT_ROWID, BUSY_SNAPSHOT.
    matches!(code.as_str(), "23505" | "40001" | "40P01" | "55P03" | "2067" | "1555" | "2579" | "517")
}

/// Somebody answered who does not know: a pooler that lost the server (class 08, 57P0x), or a distributed
/// database (40003, statement completion unknown).
fn is_doubtful(code: &str) -> bool {
    code.starts_with("08") || code.starts_with("57P") || code == "40003"
}

/// Others were in the way for too long.
fn is_busy(error: &DbErr) -> bool {
    let code = database_code(error);
    // Postgres: query_canceled (statement timeout), too_many_connections. SQLite: BUSY, LOCKED.
    matches!(code.as_deref(), Some("57014" | "53300" | "55P03" | "40001" | "40P01" | "5" | "6" | "517"))
}

/// The connection is gone, or the database is going away.
fn is_cut_off(error: &DbErr) -> bool {
    if matches!(database_code(error).as_deref(), Some("57P01" | "57P02" | "57P03")) {
        return true;
    }
    matches!(
        sqlx_error(error),
        Some(sqlx::Error::Io(_) | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed)
    )
}

fn sqlx_error(error: &DbErr) -> Option<&sqlx::Error> {
    match error {
        DbErr::Conn(RuntimeErr::SqlxError(error))
        | DbErr::Exec(RuntimeErr::SqlxError(error))
        | DbErr::Query(RuntimeErr::SqlxError(error)) => Some(error),
        _ => None,
    }
}

fn database_code(error: &DbErr) -> Option<String> {
    sqlx_error(error)?.as_database_error()?.code().map(std::borrow::Cow::into_owned)
}
