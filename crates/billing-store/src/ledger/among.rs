//! Rows of several accounts.

use sea_orm::entity::prelude::*;

use super::json_rows;

/// That `column` is one of `ids`. They go over as one value, so that the statement has one text, and one plan, however
/// many they are.
pub(super) fn among<'a, C: ColumnTrait>(
    read: &impl ConnectionTrait,
    column: C,
    ids: impl IntoIterator<Item = &'a Uuid>,
) -> Expr {
    let ids = ids.into_iter().copied();
    if crate::is_postgres(read) { column.eq_any(ids) } else { json_rows::one_of(column, ids) }
}
