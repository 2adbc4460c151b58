//! Which accounts wait for an audit, and for a checkpoint.
//!
//! Each write of a balance sets two flags in the row that it writes anyway; an audit and a checkpoint clear theirs. A
//! partial index of each holds those that are set, so that a round finds what has changed without walking over what
//! has not. Setting a flag that is set changes no index: an account that is spent from all the time pays nothing, and
//! one that is spent from now and then pays one entry of an index for each time that it was audited, which costs
//! several times as much. An index on `seq` or `last_at` would be written by every spend, and would keep Postgres from
//! updating the row in place.

use sea_orm::Condition;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, Query};

use super::among::among;
use crate::entity::balances;
use crate::transaction::Transaction;

/// Set where an account was written to since it was last found sound.
pub(super) const AUDIT_DUE: &str = "audit_due";
/// Set where an account has entries that no checkpoint covers.
pub(super) const CHECKPOINT_DUE: &str = "checkpoint_due";

/// Takes `flag` from those of `accounts` that are still as the rows of `told` say: nothing was written to them since.
/// `told` names its account `account_id`, and `same` what else has to agree with the balance.
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
