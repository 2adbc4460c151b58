//! Writes the rows of one table in one statement.

use billing_core::ports::CommitError;
use sea_orm::IntoActiveModel;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;

use super::json_rows;
use crate::error::commit_error;
use crate::transaction::Transaction;

/// Inserts `rows`; `changed` is the action if a row exists.
pub(super) async fn insert<E, A>(
    transaction: &Transaction,
    rows: impl Iterator<Item = E::Model>,
    changed: Option<OnConflict>,
) -> Result<(), CommitError>
where
    E: EntityTrait,
    E::Model: IntoActiveModel<A>,
    A: ActiveModelTrait<Entity = E> + Send,
{
    let rows: Vec<A> = rows.map(|row| row.into_active_model().reset_all()).collect();
    if rows.is_empty() {
        return Ok(());
    }
    let insert = json_rows::insert(&rows, changed.as_ref(), transaction.get_database_backend())?;
    transaction.execute(&insert).await.map(drop).map_err(commit_error)
}
