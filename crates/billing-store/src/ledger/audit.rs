//! Audits of accounts.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use billing_core::ledger::audit::{AuditProgress, AuditWalk, Auditor, ChainPart, Kept};
use billing_core::ports::{AuditScope, AuditTarget, Audited, CommitError, LedgerAudit, StoreError};
use billing_core::values::AccountId;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{Iterable, PaginatorTrait, QueryOrder, QuerySelect};

use super::among::among;
use super::audit_load::{AccountRange, changed, kept};
use super::audit_stream::{CHUNK, given, lines, owed, usages};
use super::balances::kept_row;
use super::due::{AUDIT_DUE, clear};
use super::rows::insert;
use crate::SqlStore;
use crate::entity::{audit_progress, audit_walk, balances};
use crate::error::{commit_error, store_error};
use crate::row::{WALK, progress_model, read_progress, read_walk, walk_model};
use crate::transaction::Transaction;
use crate::unit_of_work::{snapshot, write};

#[async_trait]
impl LedgerAudit for SqlStore {
    async fn audit(&self, accounts: &[AccountId], whole: bool) -> Result<Vec<Audited>, StoreError> {
        let ids: Vec<Uuid> = accounts.iter().map(|account| account.uuid()).collect();
        let Some((first, last)) = ids.first().copied().zip(ids.last().copied()) else {
            return Ok(Vec::new());
        };
        snapshot(
            self.reader(),
            Box::new(move |read| {
                Box::pin(async move {
                    if whole {
                        return audit_whole(read, AccountRange { first, last }, &ids).await;
                    }
                    let mut all = Vec::with_capacity(ids.len());
                    for id in ids {
                        all.extend(audit_rest(read, id).await?);
                    }
                    Ok(all)
                })
            }),
        )
        .await
    }

    async fn freeze(&self, account: AccountId) -> Result<(), StoreError> {
        let frozen = write(
            self.writer(),
            Box::new(move |transaction| {
                Box::pin(async move {
                    balances::Entity::update_many()
                        .col_expr(balances::Column::Frozen, Expr::value(true))
                        .filter(balances::Column::AccountId.eq(account.uuid()))
                        .exec(transaction)
                        .await
                        .map(drop)
                        .map_err(commit_error)
                })
            }),
        )
        .await;
        frozen.map_err(kept_error)
    }

    async fn frozen(&self, accounts: &[AccountId]) -> Result<BTreeSet<AccountId>, StoreError> {
        self.ledgers_among(accounts, Some(Expr::col(balances::Column::Frozen))).await
    }

    async fn without_ledger(&self, accounts: &[AccountId]) -> Result<BTreeSet<AccountId>, StoreError> {
        let found = self.ledgers_among(accounts, None).await?;
        Ok(accounts.iter().filter(|account| !found.contains(account)).copied().collect())
    }

    async fn accounts_to_audit(
        &self,
        scope: AuditScope,
        after: Option<AccountId>,
        limit: u32,
    ) -> Result<Vec<AuditTarget>, StoreError> {
        let mut query = balances::Entity::find()
            .select_only()
            .columns([balances::Column::AccountId, balances::Column::Seq, balances::Column::Usages])
            .order_by_asc(balances::Column::AccountId)
            .limit(u64::from(limit));
        if let Some(after) = after {
            query = query.filter(balances::Column::AccountId.gt(after.uuid()));
        }
        if !crate::is_postgres(self.reader()) {
            // SQLite stores ids of any length; a malformed one belongs to no account.
            query = query.filter(Expr::cust("length(account_id) = 16"));
        }
        if scope == AuditScope::Changed {
            query = query.filter(Expr::col(AUDIT_DUE));
        }
        let rows: Vec<(Uuid, i64, i64)> = query.into_tuple().all(self.reader()).await.map_err(store_error)?;
        let target = |(id, entries, usages): (Uuid, i64, i64)| AuditTarget {
            account: AccountId::from_uuid(id),
            rows: entries.unsigned_abs().saturating_add(usages.unsigned_abs()),
        };
        Ok(rows.into_iter().map(target).collect())
    }

    async fn count_accounts(&self) -> Result<u64, StoreError> {
        balances::Entity::find().count(self.reader()).await.map_err(store_error)
    }

    async fn chain(&self, account: AccountId, after: i64, limit: u32) -> Result<ChainPart, StoreError> {
        let id = account.uuid();
        snapshot(
            self.reader(),
            Box::new(move |read| {
                Box::pin(async move {
                    let Some(balance) = kept_row(read, id).await? else { return Ok(ChainPart::default()) };
                    let lines = lines(read, AccountRange::of(id), (id, after), u64::from(limit)).await?;
                    let lines = lines.into_iter().next().map(|(_, lines)| lines).unwrap_or_default();
                    let last = lines.entries.last().map_or(after, |entry| entry.seq);
                    let owed = owed(read, id, after, last).await?;
                    let grants = given(read, id, &lines).await?;
                    Ok(ChainPart { lines, owed, grants, text_key: balance.text_key })
                })
            }),
        )
        .await
    }

    async fn audit_walk(&self) -> Result<Option<AuditWalk>, StoreError> {
        let row = audit_walk::Entity::find_by_id(WALK).one(self.reader()).await.map_err(store_error)?;
        row.as_ref().map(read_walk).transpose()
    }

    async fn keep_audit_walk(&self, walk: AuditWalk) -> Result<(), StoreError> {
        let kept = write(
            self.writer(),
            Box::new(move |transaction| {
                Box::pin(async move {
                    let all = audit_walk::Column::iter();
                    let changed = OnConflict::column(audit_walk::Column::Id).update_columns(all).to_owned();
                    let row = [walk_model(&walk)].into_iter();
                    insert::<audit_walk::Entity, _>(transaction, row, Some(changed)).await
                })
            }),
        )
        .await;
        kept.map_err(kept_error)
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
                    let rows = marks.iter().map(progress_model);
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
        kept.map_err(kept_error)
    }
}

/// The number of ids per statement: SQLite binds 32,766 values at most.
const IDS: usize = 10_000;

impl SqlStore {
    /// The `accounts` that have a ledger for which `what` holds.
    async fn ledgers_among(
        &self,
        accounts: &[AccountId],
        what: Option<Expr>,
    ) -> Result<BTreeSet<AccountId>, StoreError> {
        let mut found = BTreeSet::new();
        for accounts in accounts.chunks(IDS) {
            let ids: BTreeSet<Uuid> = accounts.iter().map(|account| account.uuid()).collect();
            let query = balances::Entity::find()
                .select_only()
                .column(balances::Column::AccountId)
                .filter(among(self.reader().connection(), balances::Column::AccountId, &ids));
            let query = what.iter().fold(query, |query, what| query.filter(what.clone()));
            let rows: Vec<Uuid> = query.into_tuple().all(self.reader()).await.map_err(store_error)?;
            found.extend(rows.into_iter().map(AccountId::from_uuid));
        }
        Ok(found)
    }
}

/// Another process may write the same rows at the same time: the next round finds the rest.
fn kept_error(error: CommitError) -> StoreError {
    match error {
        CommitError::Store(error) => error,
        _ => StoreError::Busy,
    }
}

/// Audits the accounts in `range` from the first entry on. The number of statements does not depend on the number of
/// accounts.
async fn audit_whole(
    read: &Transaction,
    range: AccountRange,
    wanted: &[Uuid],
) -> Result<Vec<Audited>, StoreError> {
    let mut kept = kept(read, range).await?;
    kept.retain(|kept| wanted.contains(&kept.balance.account.uuid()));
    let auditors = kept.iter().map(|kept| (kept.balance.account, Auditor::begin(kept, None)));
    let mut auditors: BTreeMap<AccountId, Auditor<'_>> = auditors.collect();
    read_on(read, range, (0, 0), &mut auditors).await?;
    Ok(auditors.into_values().map(finish).collect())
}

/// Audits one account from its progress on.
async fn audit_rest(read: &Transaction, id: Uuid) -> Result<Option<Audited>, StoreError> {
    let range = AccountRange::of(id);
    let mark = last_mark(read, id).await?;
    let kept: Option<Kept> = match &mark {
        None => kept(read, range).await?.pop(),
        Some(mark) => changed(read, id, mark).await?,
    };
    let Some(kept) = kept else { return Ok(None) };
    let mut auditors = BTreeMap::from([(kept.balance.account, Auditor::begin(&kept, mark))]);
    read_on(read, range, mark.map_or((0, 0), |mark| (mark.seq, mark.usages)), &mut auditors).await?;
    Ok(auditors.into_values().map(finish).next())
}

fn finish(auditor: Auditor<'_>) -> Audited {
    let entries = u64::try_from(auditor.entries_read()).unwrap_or(u64::MAX);
    let (erased, mark) = (auditor.erased_read(), auditor.mark());
    Audited { entries, erased, mark, violations: auditor.finish() }
}

/// Feeds all usage and then all entries after these numbers to the auditors.
async fn read_on(
    read: &Transaction,
    range: AccountRange,
    (seq, number): (i64, i64),
    auditors: &mut BTreeMap<AccountId, Auditor<'_>>,
) -> Result<(), StoreError> {
    let mut after = (range.first, number);
    loop {
        let found = usages(read, range, after, CHUNK).await?;
        let Some(last) = found.last() else { break };
        after = (last.account.uuid(), last.number);
        for usages in found.chunk_by(|one, other| one.account == other.account) {
            let auditor = usages.first().and_then(|usage| auditors.get_mut(&usage.account));
            if let Some(auditor) = auditor {
                auditor.read_usages(usages);
            }
        }
    }
    let mut after = (range.first, seq);
    loop {
        let found = lines(read, range, after, CHUNK).await?;
        let last =
            found.last().and_then(|(account, lines)| Some((account.uuid(), lines.entries.last()?.seq)));
        let Some(last) = last else { return Ok(()) };
        after = last;
        for (account, lines) in &found {
            if let Some(auditor) = auditors.get_mut(account) {
                auditor.read(lines);
            }
        }
    }
}

async fn last_mark(read: &Transaction, id: Uuid) -> Result<Option<AuditProgress>, StoreError> {
    let row = audit_progress::Entity::find_by_id(id).one(read).await.map_err(store_error)?;
    row.as_ref().map(read_progress).transpose()
}
