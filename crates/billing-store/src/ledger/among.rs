//! Rows of several accounts.

use sea_orm::entity::prelude::*;

use super::json_rows;

/// The condition that `column` is one of `ids`. They are bound as one value, so that the statement has one text and one
/// plan for any number of them.
pub(super) fn among<'a, C: ColumnTrait>(
    read: &impl ConnectionTrait,
    column: C,
    ids: impl IntoIterator<Item = &'a Uuid>,
) -> Expr {
    let ids = ids.into_iter().copied();
    if crate::is_postgres(read) { column.eq_any(ids) } else { json_rows::one_of(column, ids) }
}
