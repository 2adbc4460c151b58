//! Rows and ids as one bound value.
//!
//! With one value per column and row, a statement is as long as its batch, and the database spends most of its time on
//! parsing and planning it. As JSON text, all rows are one value: the statement has one text for any number of rows,
//! and the connection keeps it prepared.

use std::sync::Arc;

use billing_core::ports::{CommitError, StoreError};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Alias, ExprTrait, Func, InsertStatement, OnConflict, Query, SelectStatement};
use sea_orm::{ActiveValue, DbBackend, IdenStatic, Iterable, Value};
use serde_json::Value as Json;

/// A list of ids in hexadecimal.
pub(super) fn ids(ids: impl Iterator<Item = Uuid>) -> Json {
    ids.map(|id| hex::encode(id.as_bytes())).collect()
}

/// The condition that `column` is one of `all`.
pub(super) fn one_of<C: ColumnTrait>(column: C, all: impl Iterator<Item = Uuid>) -> Expr {
    let mut each = each(&ids(all));
    column.in_subquery(each.expr(Expr::cust("unhex(value)")).to_owned())
}

/// The statement that inserts `rows`; `changed` is the action if a row exists.
pub(super) fn insert<A: ActiveModelTrait>(
    rows: &[A],
    changed: Option<&OnConflict>,
    database: DbBackend,
) -> Result<InsertStatement, CommitError> {
    let unexpected = |problem| CommitError::Store(StoreError::Unexpected(Arc::new(problem)));
    let select = match database {
        DbBackend::Postgres => populated(rows),
        _ => listed(rows),
    };
    let mut insert = Query::insert();
    insert.into_table(A::Entity::default().table_ref()).columns(<A::Entity as EntityTrait>::Column::iter());
    insert.select_from(select.map_err(CommitError::Store)?).map_err(unexpected)?;
    if let Some(changed) = changed {
        insert.on_conflict(changed.clone());
    }
    Ok(insert)
}

/// The rows for SQLite, each a list of its columns' values.
fn listed<A: ActiveModelTrait>(rows: &[A]) -> Result<SelectStatement, StoreError> {
    let columns = || <A::Entity as EntityTrait>::Column::iter();
    let row = |row: &A| {
        columns().map(|column| json(row.get(column), DbBackend::Sqlite)).collect::<Result<Json, _>>()
    };
    let rows = rows.iter().map(row).collect::<Result<Json, _>>()?;
    let mut select = each(&rows);
    for (place, column) in columns().enumerate() {
        select.expr(Expr::cust(if is_bytes(column.def().get_column_type()) {
            format!("unhex(value ->> {place})")
        } else {
            format!("value ->> {place}")
        }));
    }
    // Without a condition, SQLite parses the following `ON` as that of a join.
    select.and_where(Expr::cust("true"));
    Ok(select)
}

/// The rows for Postgres, each an object, which the table's row type converts to values.
fn populated<A: ActiveModelTrait>(rows: &[A]) -> Result<SelectStatement, StoreError> {
    let columns = || <A::Entity as EntityTrait>::Column::iter();
    let row = |row: &A| {
        let value = |column: <A::Entity as EntityTrait>::Column| {
            Ok((column.as_str().to_owned(), json(row.get(column), DbBackend::Postgres)?))
        };
        columns().map(value).collect::<Result<serde_json::Map<_, _>, StoreError>>().map(Json::Object)
    };
    let rows = rows.iter().map(row).collect::<Result<Json, _>>()?;
    let table = A::Entity::default();
    let populate = Func::cust(Alias::new("json_populate_recordset"))
        .arg(Expr::cust(format!("NULL::{}", table.table_name())))
        .arg(Expr::value(rows.to_string()).cast_as(Alias::new("json")));
    Ok(Query::select().columns(columns()).from_function(populate, Alias::new("each")).to_owned())
}

/// A selection from the elements of a list.
fn each(list: &Json) -> SelectStatement {
    let each = Func::cust(Alias::new("json_each")).arg(list.to_string());
    Query::select().from_function(each, Alias::new("each")).to_owned()
}

fn is_bytes(kind: &ColumnType) -> bool {
    matches!(kind, ColumnType::Uuid | ColumnType::Blob | ColumnType::Binary(_) | ColumnType::VarBinary(_))
}

/// A value in JSON for `database`: bytes in hexadecimal; a boolean is a number on SQLite.
fn json(value: ActiveValue<Value>, database: DbBackend) -> Result<Json, StoreError> {
    let postgres = database == DbBackend::Postgres;
    let prefix = if postgres { "\\x" } else { "" };
    Ok(match value.into_value() {
        Some(Value::Bool(truth)) if postgres => truth.into(),
        Some(Value::Bool(truth)) => truth.map(i64::from).into(),
        Some(Value::SmallInt(number)) => number.into(),
        Some(Value::BigInt(number)) => number.into(),
        Some(Value::String(text)) => text.into(),
        Some(Value::Bytes(bytes)) => bytes.map(|bytes| format!("{prefix}{}", hex::encode(bytes))).into(),
        Some(Value::Uuid(id)) => id.map(|id| hex::encode(id.as_bytes())).into(),
        other => {
            let problem = format!("no column of the ledger has {other:?}");
            return Err(StoreError::Unexpected(Arc::new(DbErr::Custom(problem))));
        }
    })
}
