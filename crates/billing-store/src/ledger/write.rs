//! Writing what a batch leaves behind, a statement per table.

use billing_core::ledger::Writes;
use billing_core::ports::CommitError;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{DatabaseTransaction, IntoActiveModel};

use crate::entity::{balances, entries, entry_allocations, grants, posting_keys};
use crate::error::commit_error;
use crate::row::{allocation_model, balance_model, entry_model, grant_model, posting_key_model};

/// How many rows one statement takes: SQLite binds 32,766 values at most, and the widest row has 16.
const ROWS: usize = 2000;

/// Writes everything, in one order of tables.
pub(super) async fn write_out(transaction: &DatabaseTransaction, writes: Writes) -> Result<(), CommitError> {
    if writes.is_empty() {
        return Ok(());
    }
    let changed_grant = OnConflict::columns([grants::Column::AccountId, grants::Column::Id])
        .update_columns([grants::Column::Remaining, grants::Column::Activated, grants::Column::Live])
        .to_owned();
    let changed_balance = OnConflict::column(balances::Column::AccountId)
        .update_columns([
            balances::Column::Posted,
            balances::Column::Held,
            balances::Column::Debt,
            balances::Column::BucketPlan,
            balances::Column::BucketPurchased,
            balances::Column::BucketBonus,
            balances::Column::Seq,
            balances::Column::LastAt,
            balances::Column::NextChangeAt,
        ])
        .to_owned();
    insert::<grants::Entity, _>(transaction, writes.grants.values().map(grant_model), Some(changed_grant))
        .await?;
    insert::<entries::Entity, _>(transaction, writes.entries.iter().map(entry_model), None).await?;
    insert::<entry_allocations::Entity, _>(
        transaction,
        writes.allocations.iter().map(allocation_model),
        None,
    )
    .await?;
    insert::<posting_keys::Entity, _>(transaction, writes.postings.iter().map(posting_key_model), None)
        .await?;
    insert::<balances::Entity, _>(
        transaction,
        writes.balances.values().map(balance_model),
        Some(changed_balance),
    )
    .await
}

async fn insert<E, A>(
    transaction: &DatabaseTransaction,
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
        let mut insert = E::insert_many(chunk.iter().cloned());
        if let Some(changed) = &changed {
            insert = insert.on_conflict(changed.clone());
        }
        insert.exec_without_returning(transaction).await.map_err(commit_error)?;
    }
    Ok(())
}
