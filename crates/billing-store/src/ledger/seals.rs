//! Published roots.

use std::collections::BTreeSet;

use async_trait::async_trait;
use billing_core::ledger::{ChainHash, Seal, SealedHead};
use billing_core::ports::{CommitError, Seals, StoreError};
use billing_core::values::{AccountId, Timestamp};
use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder, QuerySelect};

use super::due::{SEAL_DUE, clear};
use super::rows::insert;
use crate::SqlStore;
use crate::entity::{balances, sealed_heads, seals};
use crate::error::{commit_error, corrupt, store_error};
use crate::unit_of_work::{snapshot, write};

#[async_trait]
impl Seals for SqlStore {
    async fn last_seal(&self) -> Result<Option<Seal>, StoreError> {
        let last = seals::Entity::find().order_by_desc(seals::Column::Number).one(self.reader());
        last.await.map_err(store_error)?.map(read_seal).transpose()
    }

    async fn unsealed_heads(&self, limit: u32) -> Result<Vec<SealedHead>, StoreError> {
        let rows: Vec<(Uuid, i64, Vec<u8>, i64, Vec<u8>)> = balances::Entity::find()
            .select_only()
            .columns([
                balances::Column::AccountId,
                balances::Column::Seq,
                balances::Column::Head,
                balances::Column::Usages,
                balances::Column::UsageHead,
            ])
            .filter(Expr::col(SEAL_DUE))
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

    async fn keep_seal(&self, seal: Seal, heads: Vec<SealedHead>) -> Result<bool, StoreError> {
        let kept = write(
            self.writer(),
            Box::new(move |transaction| {
                Box::pin(async move {
                    insert::<seals::Entity, _>(transaction, [seal_model(&seal)].into_iter(), None).await?;
                    let rows = heads.iter().zip(0_i64..).map(|(head, position)| sealed_heads::Model {
                        seal: seal.number,
                        position,
                        account_id: head.account.uuid(),
                        seq: head.seq,
                        head: head.head.bytes().to_vec(),
                        usages: head.usages,
                        usage_head: head.usage_head.bytes().to_vec(),
                    });
                    insert::<sealed_heads::Entity, _>(transaction, rows, None).await?;
                    let sealed: BTreeSet<Uuid> = heads.iter().map(|head| head.account.uuid()).collect();
                    let same = [
                        (sealed_heads::Column::Seq, balances::Column::Seq),
                        (sealed_heads::Column::Usages, balances::Column::Usages),
                    ];
                    clear(transaction, SEAL_DUE, &sealed, sealed_heads::Entity, &same)
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

    async fn seal_of(&self, account: AccountId) -> Result<Option<(Seal, Vec<SealedHead>)>, StoreError> {
        snapshot(
            self.reader(),
            Box::new(move |read| {
                Box::pin(async move {
                    let last = sealed_heads::Entity::find()
                        .filter(sealed_heads::Column::AccountId.eq(account.uuid()))
                        .order_by_desc(sealed_heads::Column::Seal)
                        .one(read);
                    let Some(last) = last.await.map_err(store_error)? else { return Ok(None) };
                    let seal = seals::Entity::find_by_id(last.seal).one(read).await.map_err(store_error)?;
                    let seal =
                        seal.ok_or_else(|| corrupt("sealed_heads", "seal", last.seal, "no such seal"))?;
                    let heads = sealed_heads::Entity::find()
                        .filter(sealed_heads::Column::Seal.eq(last.seal))
                        .order_by_asc(sealed_heads::Column::Position)
                        .all(read);
                    let heads = heads.await.map_err(store_error)?;
                    let heads = heads.iter().map(|row| {
                        read_head(row.account_id, (row.seq, &row.head), (row.usages, &row.usage_head))
                    });
                    Ok(Some((read_seal(seal)?, heads.collect::<Result<_, _>>()?)))
                })
            }),
        )
        .await
    }
}

fn seal_model(seal: &Seal) -> seals::Model {
    seals::Model {
        number: seal.number,
        previous: seal.previous.bytes().to_vec(),
        root: seal.root.bytes().to_vec(),
        heads: i64::from(seal.heads),
        sealed_at: seal.sealed_at.micros(),
        signature: seal.signature.clone(),
        public_key: seal.public_key.clone(),
    }
}

fn read_seal(row: seals::Model) -> Result<Seal, StoreError> {
    let heads = u32::try_from(row.heads).map_err(|problem| corrupt("seals", "heads", row.number, problem))?;
    Ok(Seal {
        number: row.number,
        previous: hash("seals", "previous", row.number, &row.previous)?,
        root: hash("seals", "root", row.number, &row.root)?,
        heads,
        sealed_at: Timestamp::from_micros(row.sealed_at),
        signature: row.signature,
        public_key: row.public_key,
    })
}

fn read_head(
    account: Uuid,
    (seq, head): (i64, &[u8]),
    (usages, usage_head): (i64, &[u8]),
) -> Result<SealedHead, StoreError> {
    Ok(SealedHead {
        account: AccountId::from_uuid(account),
        seq,
        head: hash("sealed_heads", "head", account, head)?,
        usages,
        usage_head: hash("sealed_heads", "usage_head", account, usage_head)?,
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
