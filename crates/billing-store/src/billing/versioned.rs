//! Writing a row only if nobody wrote it since it was read.

use billing_core::ports::CommitError;
use sea_orm::IntoActiveModel;
use sea_orm::entity::prelude::*;

use crate::error::commit_error;
use crate::transaction::Transaction;

/// Inserts `row` if `version` is 0, which says that it was not there; otherwise updates the row that
/// `identity` finds, if it still has that version.
pub(super) async fn put<E, A>(
    transaction: &Transaction,
    row: E::Model,
    identity: Expr,
    version_column: E::Column,
    version: i64,
) -> Result<(), CommitError>
where
    E: EntityTrait,
    E::Model: IntoActiveModel<A>,
    A: ActiveModelTrait<Entity = E> + Send,
{
    let row = row.into_active_model().reset_all();
    if version == 0 {
        E::insert(row).exec_without_returning(transaction).await.map_err(commit_error)?;
        return Ok(());
    }
    let updated = E::update_many()
        .set(row)
        .filter(identity)
        .filter(version_column.eq(version))
        .exec(transaction)
        .await
        .map_err(commit_error)?;
    if updated.rows_affected == 1 { Ok(()) } else { Err(CommitError::Conflict) }
}

/// Inserts `row`, which must not be there.
pub(super) async fn insert<E, A>(transaction: &Transaction, row: E::Model) -> Result<(), CommitError>
where
    E: EntityTrait,
    E::Model: IntoActiveModel<A>,
    A: ActiveModelTrait<Entity = E> + Send,
{
    let row = row.into_active_model().reset_all();
    E::insert(row).exec_without_returning(transaction).await.map_err(commit_error)?;
    Ok(())
}
