//! Version-guarded writes of rows.

use billing_core::ports::CommitError;
use sea_orm::IntoActiveModel;
use sea_orm::entity::prelude::*;

use crate::error::commit_error;
use crate::transaction::Transaction;

/// Inserts `row` if `version` is 0; otherwise updates the row of `identity`, if it still has that version.
pub(super) async fn put<M, A>(
    transaction: &Transaction,
    row: M,
    identity: Expr,
    version_column: <M::Entity as EntityTrait>::Column,
    version: i64,
) -> Result<(), CommitError>
where
    M: ModelTrait + IntoActiveModel<A>,
    A: ActiveModelTrait<Entity = M::Entity> + Send,
{
    let row = row.into_active_model().reset_all();
    if version == 0 {
        M::Entity::insert(row).exec_without_returning(transaction).await.map_err(commit_error)?;
        return Ok(());
    }
    let updated = M::Entity::update_many()
        .set(row)
        .filter(identity)
        .filter(version_column.eq(version))
        .exec(transaction)
        .await
        .map_err(commit_error)?;
    if updated.rows_affected == 1 { Ok(()) } else { Err(CommitError::Conflict) }
}

/// Inserts `row`, which must not exist.
pub(super) async fn insert<M, A>(transaction: &Transaction, row: M) -> Result<(), CommitError>
where
    M: ModelTrait + IntoActiveModel<A>,
    A: ActiveModelTrait<Entity = M::Entity> + Send,
{
    let row = row.into_active_model().reset_all();
    M::Entity::insert(row).exec_without_returning(transaction).await.map_err(commit_error)?;
    Ok(())
}
