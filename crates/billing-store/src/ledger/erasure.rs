//! Erasure of personal data.

use billing_core::ledger::TextKey;
use billing_core::ports::{CommitError, ErasedUpTo, StoreError};
use billing_core::values::{AccountId, Metadata};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, LockType};
use sea_orm::{QuerySelect, Value};

use super::audit_load::AccountRange;
use super::audit_stream::{lines, usages};
use crate::SqlStore;
use crate::entity::{accounts, balances, entries, gifts, grants, holds, subscriptions, usages as usage_rows};
use crate::error::commit_error;
use crate::row::{read_balance, to_json};
use crate::transaction::Transaction;
use crate::unit_of_work::write;

impl SqlStore {
    /// As [`BillingStore::erase`](billing_core::ports::BillingStore::erase).
    pub(crate) async fn erase_part(
        &self,
        account: AccountId,
        after: ErasedUpTo,
        fresh: TextKey,
        limit: u32,
    ) -> Result<Option<ErasedUpTo>, StoreError> {
        let erased = write(
            self.writer(),
            Box::new(move |transaction| {
                Box::pin(async move { erase(transaction, account.uuid(), after, fresh, limit).await })
            }),
        )
        .await;
        erased.map_err(|error| match error {
            CommitError::Store(error) => error,
            _ => StoreError::Busy,
        })
    }
}

async fn erase(
    transaction: &Transaction,
    id: Uuid,
    after: ErasedUpTo,
    fresh: TextKey,
    limit: u32,
) -> Result<Option<ErasedUpTo>, CommitError> {
    // The lock keeps postings out; later ones are hashed under the new salt.
    let (mut account, mut kept) = (accounts::Entity::find_by_id(id), balances::Entity::find_by_id(id));
    if crate::is_postgres(transaction) {
        // The order in which every change of an account takes these locks.
        (account, kept) = (account.lock(LockType::Update), kept.lock(LockType::Update));
    }
    account.one(transaction).await.map_err(commit_error)?;
    let Some(kept) = kept.one(transaction).await.map_err(commit_error)? else { return Ok(None) };
    let key = read_balance(&kept)?.text_key;
    let range = AccountRange::of(id);
    let further = ErasedUpTo {
        entry: erase_entries(transaction, range, key, after.entry, limit).await?,
        usage: erase_usages(transaction, range, key, after.usage, limit).await?,
    };
    if further != after {
        return Ok(Some(further));
    }
    erase_rest(transaction, id, fresh).await?;
    Ok(None)
}

async fn erase_entries(
    transaction: &Transaction,
    range: AccountRange,
    key: TextKey,
    after: i64,
    limit: u32,
) -> Result<i64, CommitError> {
    let found = lines(transaction, range, (range.first, after), limit.into()).await?;
    let found = found.into_iter().flat_map(|(_, lines)| lines.entries);
    let mut last = after;
    for entry in found {
        last = entry.seq;
        entries::Entity::update_many()
            .col_expr(entries::Column::Erased, bytes(entry.text(&key).bytes()))
            .col_expr(entries::Column::Description, Expr::value(""))
            .col_expr(entries::Column::Metadata, Expr::value(no_metadata()))
            .filter(entries::Column::AccountId.eq(range.first))
            .filter(entries::Column::Seq.eq(entry.seq))
            .exec(transaction)
            .await
            .map_err(commit_error)?;
    }
    Ok(last)
}

async fn erase_usages(
    transaction: &Transaction,
    range: AccountRange,
    key: TextKey,
    after: i64,
    limit: u32,
) -> Result<i64, CommitError> {
    let mut last = after;
    for usage in usages(transaction, range, (range.first, after), limit.into()).await? {
        last = usage.number;
        usage_rows::Entity::update_many()
            .col_expr(usage_rows::Column::Erased, bytes(usage.text(&key).bytes()))
            .col_expr(usage_rows::Column::Description, Expr::value(""))
            .col_expr(usage_rows::Column::Metadata, Expr::value(no_metadata()))
            .filter(usage_rows::Column::AccountId.eq(range.first))
            .filter(usage_rows::Column::Number.eq(usage.number))
            .exec(transaction)
            .await
            .map_err(commit_error)?;
    }
    Ok(last)
}

/// Erases what no hash covers, and replaces the salt.
async fn erase_rest(transaction: &Transaction, id: Uuid, fresh: TextKey) -> Result<(), CommitError> {
    grants::Entity::update_many()
        .col_expr(grants::Column::Description, Expr::value(""))
        .col_expr(grants::Column::Metadata, Expr::value(no_metadata()))
        .filter(grants::Column::AccountId.eq(id))
        .exec(transaction)
        .await
        .map_err(commit_error)?;
    holds::Entity::update_many()
        .col_expr(holds::Column::Description, Expr::value(""))
        .col_expr(holds::Column::Metadata, Expr::value(no_metadata()))
        .filter(holds::Column::AccountId.eq(id))
        .exec(transaction)
        .await
        .map_err(commit_error)?;
    gifts::Entity::update_many()
        .col_expr(gifts::Column::RecipientEmail, Expr::value(Value::String(None)))
        .col_expr(gifts::Column::RecipientName, Expr::value(Value::String(None)))
        .col_expr(gifts::Column::Message, Expr::value(Value::String(None)))
        .col_expr(gifts::Column::Reason, Expr::value(Value::String(None)))
        .col_expr(gifts::Column::Version, Expr::col(gifts::Column::Version).add(1))
        .filter(gifts::Column::BuyerId.eq(id))
        .exec(transaction)
        .await
        .map_err(commit_error)?;
    subscriptions::Entity::update_many()
        .col_expr(subscriptions::Column::CancelReason, Expr::value(Value::String(None)))
        .col_expr(subscriptions::Column::Version, Expr::col(subscriptions::Column::Version).add(1))
        .filter(subscriptions::Column::AccountId.eq(id))
        .filter(subscriptions::Column::CancelReason.is_not_null())
        .exec(transaction)
        .await
        .map_err(commit_error)?;
    balances::Entity::update_many()
        .col_expr(balances::Column::TextKey, bytes(fresh.bytes()))
        .filter(balances::Column::AccountId.eq(id))
        .exec(transaction)
        .await
        .map_err(commit_error)?;
    accounts::Entity::update_many()
        .col_expr(accounts::Column::Email, Expr::value(Value::String(None)))
        .col_expr(accounts::Column::Name, Expr::value(Value::String(None)))
        .col_expr(accounts::Column::Metadata, Expr::value(no_metadata()))
        .col_expr(accounts::Column::TextKey, bytes(fresh.bytes()))
        .col_expr(accounts::Column::Version, Expr::col(accounts::Column::Version).add(1))
        .filter(accounts::Column::Id.eq(id))
        .exec(transaction)
        .await
        .map_err(commit_error)?;
    Ok(())
}

fn no_metadata() -> String {
    to_json(&Metadata::default())
}

fn bytes(bytes: &[u8]) -> Expr {
    Expr::value(bytes.to_vec())
}
