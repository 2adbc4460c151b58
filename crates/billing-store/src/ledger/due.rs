//! The accounts that are due for an audit or a checkpoint.
//!
//! Each write of a balance sets two flags in the row that it writes anyway; an audit and a checkpoint clear theirs. A
//! partial index on each flag contains the rows where it is set, so that a round finds changed accounts without
//! scanning the others. Setting a flag that is set changes no index: an account with constant spends pays nothing. One
//! with occasional spends pays one index entry per audit, which makes that write several times as expensive. An index
//! on `seq` or `last_at` would be written by every spend, and would keep Postgres from updating the row in place.

use sea_orm::Condition;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, Query};

use super::among::among;
use crate::entity::balances;
use crate::transaction::Transaction;

/// Set if an account was written to since its last audit without violations.
pub(super) const AUDIT_DUE: &str = "audit_due";
/// Set if an account has entries that no checkpoint covers.
pub(super) const CHECKPOINT_DUE: &str = "checkpoint_due";

/// Clears `flag` of those `accounts` whose row in `told` still agrees with the balance: nothing was written to them
/// since. The account column of `told` is `account_id`; `same` lists the other columns to compare.
pub(super) async fn clear<E: EntityTrait>(
    transaction: &Transaction,
    flag: &'static str,
    accounts: impl IntoIterator<Item = &Uuid>,
    told: E,
    same: &[(E::Column, balances::Column)],
) -> Result<(), DbErr> {
    let own = |column: balances::Column| Expr::col((balances::Entity, column));
    let mut agrees =
        Condition::all().add(Expr::col((told, "account_id")).eq(own(balances::Column::AccountId)));
    for (theirs, ours) in same {
        agrees = agrees.add(Expr::col((told, *theirs)).eq(own(*ours)));
    }
    let told = Query::select().expr(Expr::val(1)).from(told).cond_where(agrees).to_owned();
    balances::Entity::update_many()
        .col_expr(flag, Expr::value(false))
        .filter(among(transaction, balances::Column::AccountId, accounts))
        .filter(Expr::col(flag))
        .filter(Expr::exists(told))
        .exec(transaction)
        .await?;
    Ok(())
}
