//! Writing row by row, many rows to a statement.

use billing_core::ports::CommitError;
use sea_orm::IntoActiveModel;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;

use super::json_rows;
use crate::error::commit_error;
use crate::transaction::Transaction;

/// How many rows one statement takes: Postgres binds 65,535 values at most, and the widest row has 28.
const ROWS: usize = 1000;

/// Inserts `rows`; where one is there already, `changed` says what to do.
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
    for chunk in rows.chunks(ROWS) {
        if !crate::is_postgres(transaction) {
            let insert = json_rows::insert(chunk, changed.as_ref())?;
            transaction.execute(&insert).await.map_err(commit_error)?;
            continue;
        }
        let mut insert = E::insert_many(chunk.iter().cloned());
        if let Some(changed) = &changed {
            insert = insert.on_conflict(changed.clone());
        }
        insert.exec_without_returning(transaction).await.map_err(commit_error)?;
    }
    Ok(())
}
