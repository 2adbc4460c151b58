//! Checking what is kept, account by account.

use std::collections::BTreeSet;

use async_trait::async_trait;
use billing_core::ledger::audit::{AuditProgress, Auditor, Lines};
use billing_core::ledger::{ChainHash, DebtChange, UsageRecord};
use billing_core::ports::{AuditScope, Audited, CommitError, LedgerAudit, StoreError};
use billing_core::values::{AccountId, Credits, Timestamp};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{PaginatorTrait, QueryOrder, QuerySelect};

use super::audit_load::{changed, kept};
use super::due::{AUDIT_DUE, clear};
use super::rows::insert;
use crate::SqlStore;
use crate::entity::{audit_progress, balances, debts, entries, usages};
use crate::error::{commit_error, corrupt, store_error};
use crate::row::{read_allocations, read_debt, read_entry, read_usage};
use crate::transaction::Transaction;
use crate::unit_of_work::{snapshot, write};

/// How many entries are in memory at once.
const CHUNK: u64 = 5000;

#[async_trait]
impl LedgerAudit for SqlStore {
    async fn audit(&self, account: AccountId, whole: bool) -> Result<Option<Audited>, StoreError> {
        let id = account.uuid();
        snapshot(self.reader(), Box::new(move |read| Box::pin(async move { audit(read, id, whole).await })))
            .await
    }

    async fn accounts_to_audit(
        &self,
        scope: AuditScope,
        after: Option<AccountId>,
        limit: u32,
    ) -> Result<Vec<AccountId>, StoreError> {
        let mut query = balances::Entity::find()
            .select_only()
            .column(balances::Column::AccountId)
            .order_by_asc(balances::Column::AccountId)
            .limit(u64::from(limit));
        if let Some(after) = after {
            query = query.filter(balances::Column::AccountId.gt(after.uuid()));
        }
        if scope == AuditScope::Changed {
            query = query.filter(Expr::col(AUDIT_DUE));
        }
        let ids: Vec<Uuid> = query.into_tuple().all(self.reader()).await.map_err(store_error)?;
        Ok(ids.into_iter().map(AccountId::from_uuid).collect())
    }

    async fn count_accounts(&self) -> Result<u64, StoreError> {
        balances::Entity::find().count(self.reader()).await.map_err(store_error)
    }

    async fn chain(
        &self,
        account: AccountId,
        after: i64,
        limit: u32,
    ) -> Result<(Lines, Vec<DebtChange>), StoreError> {
        let id = account.uuid();
        snapshot(
            self.reader(),
            Box::new(move |read| {
                Box::pin(async move {
                    let lines = lines(read, id, after, u64::from(limit)).await?;
                    let last = lines.entries.last().map_or(after, |entry| entry.seq);
                    let owed = debts::Entity::find()
                        .filter(debts::Column::AccountId.eq(id))
                        .filter(debts::Column::GrantId.is_null())
                        .filter(debts::Column::Seq.gt(after))
                        .filter(debts::Column::Seq.lte(last))
                        .all(read);
                    let owed = owed.await.map_err(store_error)?;
                    Ok((lines, owed.iter().map(read_debt).collect()))
                })
            }),
        )
        .await
    }

    async fn keep_progress(&self, marks: Vec<AuditProgress>) -> Result<(), StoreError> {
        let kept = write(
            self.writer(),
            Box::new(move |transaction| {
                Box::pin(async move {
                    let changed = OnConflict::column(audit_progress::Column::AccountId)
                        .update_columns([
                            audit_progress::Column::Seq,
                            audit_progress::Column::Posted,
                            audit_progress::Column::OwedBefore,
                            audit_progress::Column::Head,
                            audit_progress::Column::Usages,
                            audit_progress::Column::UsageHead,
                            audit_progress::Column::LastAt,
                        ])
                        .to_owned();
                    let rows = marks.iter().map(mark_model);
                    insert::<audit_progress::Entity, _>(transaction, rows, Some(changed)).await?;
                    let sound: BTreeSet<Uuid> = marks.iter().map(|mark| mark.account.uuid()).collect();
                    let same = [
                        (audit_progress::Column::Seq, balances::Column::Seq),
                        (audit_progress::Column::Usages, balances::Column::Usages),
                        (audit_progress::Column::LastAt, balances::Column::LastAt),
                    ];
                    clear(transaction, AUDIT_DUE, &sound, audit_progress::Entity, &same)
                        .await
                        .map_err(commit_error)
                })
            }),
        )
        .await;
        kept.map_err(|error| match error {
            CommitError::Store(error) => error,
            // Another process keeps marks of the same accounts: the next round finds what is left.
            _ => StoreError::Busy,
        })
    }
}

async fn audit(read: &Transaction, id: Uuid, whole: bool) -> Result<Option<Audited>, StoreError> {
    let since = if whole { None } else { last_mark(read, id).await? };
    let kept = match &since {
        None => kept(read, id).await?,
        Some(mark) => changed(read, id, mark).await?,
    };
    let Some(kept) = kept else { return Ok(None) };
    let mut auditor = Auditor::begin(&kept, since);
    let mut after = since.map_or(0, |mark| mark.usages);
    loop {
        let usages = usages(read, id, after, CHUNK).await?;
        let Some(last) = usages.last() else { break };
        after = last.number;
        auditor.read_usages(&usages);
    }
    let mut after = since.map_or(0, |mark| mark.seq);
    loop {
        let lines = lines(read, id, after, CHUNK).await?;
        let Some(last) = lines.entries.last() else { break };
        after = last.seq;
        auditor.read(&lines);
    }
    let entries = u64::try_from(auditor.entries_read()).unwrap_or(u64::MAX);
    let mark = auditor.mark();
    Ok(Some(Audited { entries, mark, violations: auditor.finish() }))
}

/// Up to `limit` of the account's entries after number `after`, with their allocations.
pub(super) async fn lines(read: &Transaction, id: Uuid, after: i64, limit: u64) -> Result<Lines, StoreError> {
    let found = entries::Entity::find()
        .filter(entries::Column::AccountId.eq(id))
        .filter(entries::Column::Seq.gt(after))
        .order_by_asc(entries::Column::Seq)
        .limit(i64::try_from(limit).map_or(None, |_| Some(limit)))
        .all(read);
    let mut lines = Lines::default();
    for row in found.await.map_err(store_error)? {
        lines.allocations.extend(read_allocations(&row)?);
        lines.entries.push(read_entry(row)?);
    }
    Ok(lines)
}

/// Up to `limit` of the account's usages after number `after`.
pub(super) async fn usages(
    read: &Transaction,
    id: Uuid,
    after: i64,
    limit: u64,
) -> Result<Vec<UsageRecord>, StoreError> {
    let found = usages::Entity::find()
        .filter(usages::Column::AccountId.eq(id))
        .filter(usages::Column::Number.gt(after))
        .order_by_asc(usages::Column::Number)
        .limit(i64::try_from(limit).map_or(None, |_| Some(limit)))
        .all(read);
    found.await.map_err(store_error)?.into_iter().map(read_usage).collect()
}

async fn last_mark(read: &Transaction, id: Uuid) -> Result<Option<AuditProgress>, StoreError> {
    let row = audit_progress::Entity::find_by_id(id).one(read).await.map_err(store_error)?;
    let hash = |column, bytes: &[u8]| {
        let bytes = bytes.try_into().map_err(|problem| corrupt("audit_progress", column, id, problem))?;
        Ok::<_, StoreError>(ChainHash::from_bytes(bytes))
    };
    let mark = |row: audit_progress::Model| {
        Ok(AuditProgress {
            account: AccountId::from_uuid(row.account_id),
            seq: row.seq,
            posted: Credits::new(row.posted),
            owed_before: Credits::new(row.owed_before),
            head: hash("head", &row.head)?,
            usages: row.usages,
            usage_head: hash("usage_head", &row.usage_head)?,
            last_at: Timestamp::from_micros(row.last_at),
        })
    };
    row.map(mark).transpose()
}

fn mark_model(mark: &AuditProgress) -> audit_progress::Model {
    audit_progress::Model {
        account_id: mark.account.uuid(),
        seq: mark.seq,
        posted: mark.posted.get(),
        owed_before: mark.owed_before.get(),
        head: mark.head.bytes().to_vec(),
        usages: mark.usages,
        usage_head: mark.usage_head.bytes().to_vec(),
        last_at: mark.last_at.micros(),
    }
}
