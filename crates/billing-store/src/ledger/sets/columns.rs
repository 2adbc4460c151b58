//! A statement's values: whole columns, as arrays.

use billing_core::ports::StoreError;
use sea_orm::prelude::Uuid;
use sea_orm::{DbBackend, Statement, Value};
use sqlx::postgres::{PgArguments, Postgres};
use sqlx::{Arguments, Encode, Type};

/// Takes a statement's values in the order of their numbers. The mapper's values serve inside of the mapper's
/// transactions; the driver's own, which are not boxed one by one, where none is needed.
pub(in crate::ledger) trait Columns {
    fn column<T>(&mut self, column: impl Iterator<Item = T>)
    where
        Vec<T>: Into<Value> + for<'q> Encode<'q, Postgres> + Type<Postgres>;

    fn number(&mut self, number: i64);

    fn uuids(&mut self, column: impl Iterator<Item = Uuid>) {
        self.column(column);
    }

    /// `None` becomes a number that never occurs, which the statement turns back.
    fn numbers(&mut self, column: impl Iterator<Item = Option<i64>>) {
        self.column(column.map(|number| number.unwrap_or(i64::MIN)));
    }
}

/// For the mapper.
#[derive(Default)]
pub(super) struct Mapped(Vec<Value>);

/// For the driver.
#[derive(Default)]
pub(in crate::ledger) struct Native {
    arguments: PgArguments,
    failed: Option<sqlx::error::BoxDynError>,
}

impl Mapped {
    pub(super) fn statement(self, sql: &'static str) -> Statement {
        Statement::from_sql_and_values(DbBackend::Postgres, sql, self.0)
    }
}

impl Columns for Mapped {
    fn column<T>(&mut self, column: impl Iterator<Item = T>)
    where
        Vec<T>: Into<Value> + for<'q> Encode<'q, Postgres> + Type<Postgres>,
    {
        self.0.push(column.collect::<Vec<_>>().into());
    }

    fn number(&mut self, number: i64) {
        self.0.push(number.into());
    }
}

impl Native {
    /// The arguments, if all of them could be encoded.
    pub(in crate::ledger) fn arguments(self) -> Result<PgArguments, StoreError> {
        let why = |problem: sqlx::error::BoxDynError| StoreError::Unexpected(problem.into());
        self.failed.map_or(Ok(self.arguments), |problem| Err(why(problem)))
    }
}

impl Columns for Native {
    fn column<T>(&mut self, column: impl Iterator<Item = T>)
    where
        Vec<T>: Into<Value> + for<'q> Encode<'q, Postgres> + Type<Postgres>,
    {
        if let Err(problem) = self.arguments.add(column.collect::<Vec<_>>()) {
            self.failed = Some(problem);
        }
    }

    fn number(&mut self, number: i64) {
        if let Err(problem) = self.arguments.add(number) {
            self.failed = Some(problem);
        }
    }
}
