//! Literals in statements.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait;

/// `column` = `word`, one of our own constants, as a literal instead of a parameter.
///
/// The plan of a prepared statement does not know its parameters. It cannot use a partial index for one value, and
/// assumes a rare value to be as frequent as any other: it would scan the newest rows until it has found a page of a
/// rare status.
pub(crate) fn is<C: ColumnTrait>(column: C, word: &'static str) -> Expr {
    Expr::col(column.as_column_ref()).eq(Expr::cust(format!("'{word}'")))
}

/// `column` <> `word`, as [`is`]. It is written as in the indexes: SQLite compares the texts.
pub(crate) fn is_not<C: ColumnTrait>(column: C, word: &'static str) -> Expr {
    Expr::col(column.as_column_ref()).ne(Expr::cust(format!("'{word}'")))
}
