//! Whole sets of rows and ids in one value, for SQLite.
//!
//! With a value for each column of each row, a batch's statement is as long as the batch, and SQLite spends most of its
//! time on reading it. As a JSON text the rows are one value: a statement has one text however many rows there are, and
//! the connection keeps it prepared.

use std::sync::Arc;

use billing_core::ports::{CommitError, StoreError};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Alias, Func, InsertStatement, OnConflict, Query, SelectStatement};
use sea_orm::{ActiveValue, Iterable, Value};
use serde_json::Value as Json;

/// A list of ids, as hexadecimal digits.
pub(super) fn ids(ids: impl Iterator<Item = Uuid>) -> Json {
    ids.map(|id| hex::encode(id.as_bytes())).collect()
}

/// That `column` is one of `all`.
pub(super) fn one_of<C: ColumnTrait>(column: C, all: impl Iterator<Item = Uuid>) -> Expr {
    let mut each = each(&ids(all));
    column.in_subquery(each.expr(Expr::cust("unhex(value)")).to_owned())
}

/// The statement that inserts `rows`; where one is there already, `changed` says what to do.
pub(super) fn insert<A: ActiveModelTrait>(
    rows: &[A],
    changed: Option<&OnConflict>,
) -> Result<InsertStatement, CommitError> {
    let columns = || <A::Entity as EntityTrait>::Column::iter();
    let row = |row: &A| columns().map(|column| json(row.get(column))).collect::<Result<Json, _>>();
    let rows = rows.iter().map(row).collect::<Result<Json, _>>().map_err(CommitError::Store)?;
    let mut select = each(&rows);
    for (place, column) in columns().enumerate() {
        select.expr(Expr::cust(if is_bytes(column.def().get_column_type()) {
            format!("unhex(value ->> {place})")
        } else {
            format!("value ->> {place}")
        }));
    }
    // Without a condition SQLite takes what follows for one of a join.
    select.and_where(Expr::cust("true"));
    let mut insert = Query::insert();
    insert.into_table(A::Entity::default().table_ref()).columns(columns());
    insert
        .select_from(select)
        .map_err(|problem| CommitError::Store(StoreError::Unexpected(Arc::new(problem))))?;
    if let Some(changed) = changed {
        insert.on_conflict(changed.clone());
    }
    Ok(insert)
}

/// From the elements of a list.
fn each(list: &Json) -> SelectStatement {
    let each = Func::cust(Alias::new("json_each")).arg(list.to_string());
    Query::select().from_function(each, Alias::new("each")).to_owned()
}

fn is_bytes(kind: &ColumnType) -> bool {
    matches!(kind, ColumnType::Uuid | ColumnType::Blob | ColumnType::Binary(_) | ColumnType::VarBinary(_))
}

/// A value as JSON has it: bytes as hexadecimal digits, truth as a number.
fn json(value: ActiveValue<Value>) -> Result<Json, StoreError> {
    Ok(match value.into_value() {
        Some(Value::Bool(truth)) => truth.map(i64::from).into(),
        Some(Value::SmallInt(number)) => number.into(),
        Some(Value::BigInt(number)) => number.into(),
        Some(Value::String(text)) => text.into(),
        Some(Value::Bytes(bytes)) => bytes.map(hex::encode).into(),
        Some(Value::Uuid(id)) => id.map(|id| hex::encode(id.as_bytes())).into(),
        other => {
            let problem = format!("no column of the ledger has {other:?}");
            return Err(StoreError::Unexpected(Arc::new(DbErr::Custom(problem))));
        }
    })
}
