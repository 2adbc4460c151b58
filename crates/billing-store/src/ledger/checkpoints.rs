//! Published roots.

use std::collections::BTreeSet;

use async_trait::async_trait;
use billing_core::ledger::{ChainHash, Checkpoint, CheckpointHead};
use billing_core::ports::{Checkpoints, CommitError, StoreError};
use billing_core::values::{AccountId, Timestamp};
use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder, QuerySelect};

use super::due::{CHECKPOINT_DUE, clear};
use super::rows::insert;
use crate::SqlStore;
use crate::entity::{balances, checkpoint_heads, checkpoints};
use crate::error::{commit_error, corrupt, store_error};
use crate::unit_of_work::{snapshot, write};

#[async_trait]
impl Checkpoints for SqlStore {
    async fn last_checkpoint(&self) -> Result<Option<Checkpoint>, StoreError> {
        let last = checkpoints::Entity::find().order_by_desc(checkpoints::Column::Number).one(self.reader());
        last.await.map_err(store_error)?.map(read_checkpoint).transpose()
    }

    async fn uncovered_heads(&self, limit: u32) -> Result<Vec<CheckpointHead>, StoreError> {
        let rows: Vec<(Uuid, i64, Vec<u8>, i64, Vec<u8>)> = balances::Entity::find()
            .select_only()
            .columns([
                balances::Column::AccountId,
                balances::Column::Seq,
                balances::Column::Head,
                balances::Column::Usages,
                balances::Column::UsageHead,
            ])
            .filter(Expr::col(CHECKPOINT_DUE))
            .order_by_asc(balances::Column::AccountId)
            .limit(u64::from(limit))
            .into_tuple()
            .all(self.reader())
            .await
            .map_err(store_error)?;
        let head = |(account, seq, head, usages, usage_head): (_, _, Vec<u8>, _, Vec<u8>)| {
            read_head(account, (seq, &head), (usages, &usage_head))
        };
        rows.into_iter().map(head).collect()
    }

    async fn keep_checkpoint(
        &self,
        checkpoint: Checkpoint,
        heads: Vec<CheckpointHead>,
    ) -> Result<bool, StoreError> {
        let kept = write(
            self.writer(),
            Box::new(move |transaction| {
                Box::pin(async move {
                    insert::<checkpoints::Entity, _>(
                        transaction,
                        [checkpoint_model(&checkpoint)].into_iter(),
                        None,
                    )
                    .await?;
                    let rows = heads.iter().zip(0_i64..).map(|(head, position)| checkpoint_heads::Model {
                        checkpoint: checkpoint.number,
                        position,
                        account_id: head.account.uuid(),
                        seq: head.seq,
                        head: head.head.bytes().to_vec(),
                        usages: head.usages,
                        usage_head: head.usage_head.bytes().to_vec(),
                    });
                    insert::<checkpoint_heads::Entity, _>(transaction, rows, None).await?;
                    let covered: BTreeSet<Uuid> = heads.iter().map(|head| head.account.uuid()).collect();
                    let same = [
                        (checkpoint_heads::Column::Seq, balances::Column::Seq),
                        (checkpoint_heads::Column::Usages, balances::Column::Usages),
                    ];
                    clear(transaction, CHECKPOINT_DUE, &covered, checkpoint_heads::Entity, &same)
                        .await
                        .map_err(commit_error)
                })
            }),
        )
        .await;
        match kept {
            Ok(()) => Ok(true),
            Err(CommitError::Store(error)) => Err(error),
            Err(_) => Ok(false),
        }
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
                        .order_by_desc(checkpoint_heads::Column::Checkpoint)
                        .one(read);
                    let Some(last) = last.await.map_err(store_error)? else { return Ok(None) };
                    let checkpoint = checkpoints::Entity::find_by_id(last.checkpoint)
                        .one(read)
                        .await
                        .map_err(store_error)?;
                    let checkpoint = checkpoint.ok_or_else(|| {
                        corrupt("checkpoint_heads", "checkpoint", last.checkpoint, "no such checkpoint")
                    })?;
                    let heads = checkpoint_heads::Entity::find()
                        .filter(checkpoint_heads::Column::Checkpoint.eq(last.checkpoint))
                        .order_by_asc(checkpoint_heads::Column::Position)
                        .all(read);
                    let heads = heads.await.map_err(store_error)?;
                    let heads = heads.iter().map(|row| {
                        read_head(row.account_id, (row.seq, &row.head), (row.usages, &row.usage_head))
                    });
                    Ok(Some((read_checkpoint(checkpoint)?, heads.collect::<Result<_, _>>()?)))
                })
            }),
        )
        .await
    }
}

fn checkpoint_model(checkpoint: &Checkpoint) -> checkpoints::Model {
    checkpoints::Model {
        number: checkpoint.number,
        previous: checkpoint.previous.bytes().to_vec(),
        root: checkpoint.root.bytes().to_vec(),
        heads: i64::from(checkpoint.heads),
        created_at: checkpoint.created_at.micros(),
        signature: checkpoint.signature.clone(),
        public_key: checkpoint.public_key.clone(),
    }
}

fn read_checkpoint(row: checkpoints::Model) -> Result<Checkpoint, StoreError> {
    let heads =
        u32::try_from(row.heads).map_err(|problem| corrupt("checkpoints", "heads", row.number, problem))?;
    Ok(Checkpoint {
        number: row.number,
        previous: hash("checkpoints", "previous", row.number, &row.previous)?,
        root: hash("checkpoints", "root", row.number, &row.root)?,
        heads,
        created_at: Timestamp::from_micros(row.created_at),
        signature: row.signature,
        public_key: row.public_key,
    })
}

fn read_head(
    account: Uuid,
    (seq, head): (i64, &[u8]),
    (usages, usage_head): (i64, &[u8]),
) -> Result<CheckpointHead, StoreError> {
    Ok(CheckpointHead {
        account: AccountId::from_uuid(account),
        seq,
        head: hash("checkpoint_heads", "head", account, head)?,
        usages,
        usage_head: hash("checkpoint_heads", "usage_head", account, usage_head)?,
    })
}

fn hash(
    table: &'static str,
    column: &str,
    id: impl std::fmt::Display,
    bytes: &[u8],
) -> Result<ChainHash, StoreError> {
    let bytes = bytes.try_into().map_err(|problem| corrupt(table, column, id, problem))?;
    Ok(ChainHash::from_bytes(bytes))
}
