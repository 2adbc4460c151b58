//! A statement's values in the order of their numbers: whole columns as arrays.

use billing_core::ports::StoreError;
use sea_orm::prelude::Uuid;
use sea_orm::{DbBackend, Statement, Value};
use sqlx::postgres::{PgArguments, Postgres};
use sqlx::{Arguments, Encode, Type};

/// For statements inside the ORM's transactions.
#[derive(Default)]
pub(super) struct Mapped(Vec<Value>);

/// For statements that the driver runs itself: nothing is boxed, and texts are not copied.
#[derive(Default)]
pub(in crate::ledger) struct Native {
    arguments: PgArguments,
    failed: Option<sqlx::error::BoxDynError>,
}

impl Mapped {
    pub(super) fn column<T>(&mut self, column: impl Iterator<Item = T>)
    where
        Vec<T>: Into<Value>,
    {
        self.0.push(column.collect::<Vec<_>>().into());
    }

    pub(super) fn uuids(&mut self, column: impl Iterator<Item = Uuid>) {
        self.column(column);
    }

    pub(super) fn numbers(&mut self, column: impl Iterator<Item = Option<i64>>) {
        self.column(column.map(number_or_none));
    }

    pub(super) fn number(&mut self, number: i64) {
        self.0.push(number.into());
    }

    pub(super) fn statement(self, sql: &'static str) -> Statement {
        Statement::from_sql_and_values(DbBackend::Postgres, sql, self.0)
    }
}

impl Native {
    pub(super) fn column<'q, T>(&mut self, column: impl Iterator<Item = T>)
    where
        Vec<T>: Encode<'q, Postgres> + Type<Postgres>,
    {
        self.value(column.collect::<Vec<_>>());
    }

    pub(super) fn value<'q, T: Encode<'q, Postgres> + Type<Postgres>>(&mut self, value: T) {
        if let Err(problem) = self.arguments.add(value) {
            self.failed = Some(problem);
        }
    }

    /// The arguments, if all of them could be encoded.
    pub(in crate::ledger) fn arguments(self) -> Result<PgArguments, StoreError> {
        let why = |problem: sqlx::error::BoxDynError| StoreError::Unexpected(problem.into());
        self.failed.map_or(Ok(self.arguments), |problem| Err(why(problem)))
    }
}

/// `None` becomes a number that never occurs, which the statement turns back into NULL: the driver's arrays hold no
/// NULL.
pub(super) fn number_or_none(number: Option<i64>) -> i64 {
    number.unwrap_or(i64::MIN)
}
