//! Words that stand in a statement itself.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait;

/// That `column` is `word`, one of ours, written into the statement instead of handed over as a value.
///
/// A prepared statement's plan does not know its values. It cannot use an index that holds only the rows of one
/// word, and takes a rare word to be as frequent as any other: it walks through the newest rows until it has found a
/// page of a status that hardly any row has.
pub(crate) fn is<C: ColumnTrait>(column: C, word: &'static str) -> Expr {
    Expr::col(column.as_column_ref()).eq(Expr::cust(format!("'{word}'")))
}

/// That `column` is another word than `word`, as [`is`]. It is written as the indexes are: SQLite compares the texts.
pub(crate) fn is_not<C: ColumnTrait>(column: C, word: &'static str) -> Expr {
    Expr::col(column.as_column_ref()).ne(Expr::cust(format!("'{word}'")))
}
