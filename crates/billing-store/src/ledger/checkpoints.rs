//! Checkpoints.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use billing_core::ledger::{Checkpoint, CheckpointHead, CheckpointRecord};
use billing_core::ports::{Checkpoints, CommitError, StoreError};
use billing_core::values::AccountId;
use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder, QuerySelect};

use super::due::{CHECKPOINT_DUE, clear};
use super::rows::insert;
use crate::SqlStore;
use crate::entity::{balances, checkpoint_heads, checkpoints};
use crate::error::{commit_error, corrupt, store_error};
use crate::row::{
    checkpoint_head_models, checkpoint_model, read_balance, read_checkpoint, read_checkpoint_head,
};
use crate::transaction::Transaction;
use crate::unit_of_work::{snapshot, write};

#[async_trait]
impl Checkpoints for SqlStore {
    async fn last_checkpoint(&self) -> Result<Option<Checkpoint>, StoreError> {
        let last = checkpoints::Entity::find().order_by_desc(checkpoints::Column::Number).one(self.reader());
        Ok(last.await.map_err(store_error)?.map(|row| read_checkpoint(row).checkpoint))
    }

    async fn uncovered_heads(&self, limit: u32) -> Result<Vec<CheckpointHead>, StoreError> {
        let rows = balances::Entity::find()
            .filter(Expr::col(CHECKPOINT_DUE))
            .order_by_asc(balances::Column::AccountId)
            .limit(u64::from(limit))
            .all(self.reader());
        let rows = rows.await.map_err(store_error)?;
        // The audit reports an unreadable row; the other accounts are covered nevertheless.
        let readable = rows.iter().filter_map(|row| read_balance(row).ok());
        Ok(readable.map(|balance| CheckpointHead::of(&balance)).collect())
    }

    async fn keep_checkpoint(&self, record: CheckpointRecord) -> Result<bool, StoreError> {
        let kept = write(
            self.writer(),
            Box::new(move |transaction| Box::pin(async move { keep(transaction, &record).await })),
        )
        .await;
        match kept {
            Ok(()) => Ok(true),
            Err(CommitError::Store(error)) => Err(error),
            Err(_) => Ok(false),
        }
    }

    async fn checkpoints(&self, number: i64, limit: u32) -> Result<Vec<CheckpointRecord>, StoreError> {
        snapshot(
            self.reader(),
            Box::new(move |read| {
                Box::pin(async move {
                    let rows = checkpoints::Entity::find()
                        .filter(checkpoints::Column::Number.gt(number))
                        .order_by_asc(checkpoints::Column::Number)
                        .limit(u64::from(limit))
                        .all(read);
                    let rows = rows.await.map_err(store_error)?;
                    let Some(last) = rows.last().map(|row| row.number) else { return Ok(Vec::new()) };
                    let mut heads = heads_between(read, number.saturating_add(1), last).await?;
                    let record = |row: checkpoints::Model| {
                        let heads = heads.remove(&row.number).unwrap_or_default();
                        CheckpointRecord { copy: read_checkpoint(row), heads }
                    };
                    Ok(rows.into_iter().map(record).collect())
                })
            }),
        )
        .await
    }

    async fn checkpoint_heads(&self, number: i64) -> Result<Vec<CheckpointHead>, StoreError> {
        Ok(heads_between(self.reader(), number, number).await?.remove(&number).unwrap_or_default())
    }

    async fn latest_checkpoint_of(
        &self,
        account: AccountId,
    ) -> Result<Option<(Checkpoint, Vec<CheckpointHead>)>, StoreError> {
        snapshot(
            self.reader(),
            Box::new(move |read| {
                Box::pin(async move {
                    let last = checkpoint_heads::Entity::find()
                        .filter(checkpoint_heads::Column::AccountId.eq(account.uuid()))
                        .order_by_desc(checkpoint_heads::Column::Seq)
                        .order_by_desc(checkpoint_heads::Column::Checkpoint)
                        .one(read);
                    let Some(last) = last.await.map_err(store_error)? else { return Ok(None) };
                    let number = last.checkpoint;
                    let row = checkpoints::Entity::find_by_id(number).one(read).await.map_err(store_error)?;
                    let none = || corrupt("checkpoint_heads", "checkpoint", number, "no such checkpoint");
                    let checkpoint = read_checkpoint(row.ok_or_else(none)?).checkpoint;
                    let heads = heads_between(read, number, number).await?.remove(&number);
                    Ok(Some((checkpoint, heads.unwrap_or_default())))
                })
            }),
        )
        .await
    }
}

async fn keep(transaction: &Transaction, record: &CheckpointRecord) -> Result<(), CommitError> {
    let row = checkpoint_model(&record.copy);
    let number = row.number;
    insert::<checkpoints::Entity, _>(transaction, [row].into_iter(), None).await?;
    let heads = checkpoint_head_models(number, &record.heads);
    insert::<checkpoint_heads::Entity, _>(transaction, heads, None).await?;
    let covered: BTreeSet<Uuid> = record.heads.iter().map(|head| head.account.uuid()).collect();
    let same = [
        (checkpoint_heads::Column::Seq, balances::Column::Seq),
        (checkpoint_heads::Column::Usages, balances::Column::Usages),
    ];
    clear(transaction, CHECKPOINT_DUE, &covered, checkpoint_heads::Entity, &same).await.map_err(commit_error)
}

/// The heads that checkpoints cover, by their number, in order.
async fn heads_between(
    read: &impl ConnectionTrait,
    first: i64,
    last: i64,
) -> Result<BTreeMap<i64, Vec<CheckpointHead>>, StoreError> {
    let rows = checkpoint_heads::Entity::find()
        .filter(checkpoint_heads::Column::Checkpoint.between(first, last))
        .order_by_asc(checkpoint_heads::Column::Checkpoint)
        .order_by_asc(checkpoint_heads::Column::Position)
        .all(read);
    let mut heads: BTreeMap<i64, Vec<CheckpointHead>> = BTreeMap::new();
    for row in rows.await.map_err(store_error)? {
        heads.entry(row.checkpoint).or_default().push(read_checkpoint_head(&row));
    }
    Ok(heads)
}
