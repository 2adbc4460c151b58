//! Reads of the ledger.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use billing_core::accounts::ExternalId;
use billing_core::catalog::MonthKey;
use billing_core::ledger::audit::{History, Lines};
use billing_core::ledger::{Entry, Grant, Hold, UsageRecord};
use billing_core::ports::{BillingReads, EntryFilter, LedgerReads, StoreError};
use billing_core::values::{
    AccountId, Cursor, EntryId, GrantId, HoldId, InvalidPage, Page, PageRequest, Position, UsageId,
};
use rust_decimal::Decimal;
use sea_orm::entity::prelude::{ColumnTrait, EntityTrait, QueryFilter, Select, Uuid};
use sea_orm::{Condition, QueryOrder, QuerySelect};

use super::audit_load::{AccountRange, kept};
use super::audit_stream::{CHUNK, lines, usages};
use super::burning_grant::find_grants;
use super::load_live::with_slices;
use super::months::month_units;
use super::point_in_time::first_since;
use crate::SqlStore;
use crate::entity::{entries, grants, holds, usages as usage_rows};
use crate::error::{corrupt, store_error};
use crate::literal::{is, is_not};
use crate::row::{read_entry, read_grant, read_usage};
use crate::transaction::Transaction;
use crate::unit_of_work::snapshot;

#[async_trait]
impl LedgerReads for SqlStore {
    async fn entries(
        &self,
        account: AccountId,
        filter: &EntryFilter,
        page: &PageRequest,
    ) -> Result<Page<Entry>, StoreError> {
        let span = self.span(account, filter).await?;
        let mut query = entries::Entity::find()
            .filter(entries::Column::AccountId.eq(account.uuid()))
            .filter(span)
            .filter(of_kind(filter))
            .order_by_desc(entries::Column::Seq)
            .limit(u64::from(page.limit).saturating_add(1));
        query = match &page.position {
            Position::Offset(offset) => query.offset(u64::from(*offset)),
            Position::After(cursor) => {
                query.filter(entries::Column::Seq.lt(cursor.seq().map_err(|problem| wrong_cursor(&problem))?))
            }
        };
        let rows = query.all(self.reader()).await.map_err(store_error)?;
        let found = rows.into_iter().map(read_entry).collect::<Result<Vec<_>, _>>()?;
        Ok(Page::cut(found, page.limit, |entry| Cursor::of_seq(entry.seq)))
    }

    async fn all_entries(
        &self,
        filter: &EntryFilter,
        page: &PageRequest,
    ) -> Result<Page<(ExternalId, Entry)>, StoreError> {
        let kind = of_kind(filter);
        let plain = filter.kind.as_deref() == Some(PLAIN);
        let mut walked = entries::Entity::find().order_by_desc(entries::Column::Id);
        if !plain {
            walked = walked.filter(kind.clone());
        }
        let mut offset = 0;
        match &page.position {
            Position::Offset(first) => offset = u64::from(*first),
            Position::After(cursor) => {
                let before = cursor.id::<EntryId>().map_err(|problem| wrong_cursor(&problem))?;
                walked = walked.filter(entries::Column::Id.lt(before.uuid()));
            }
        }
        let end = if walks(filter) && offset == 0 { self.end_of_walk(&walked).await? } else { None };
        let query = walked
            .filter(entries::Column::Id.gte(end.unwrap_or_default()))
            .filter(kind)
            .filter(in_span(filter))
            .offset(offset)
            .limit(u64::from(page.limit).saturating_add(1));
        let rows = query.all(self.reader()).await.map_err(store_error)?;
        let accounts: BTreeSet<_> = rows.iter().map(|row| AccountId::from_uuid(row.account_id)).collect();
        let names = self.external_ids(&Vec::from_iter(accounts)).await?;
        let mut found = Vec::with_capacity(rows.len());
        for row in rows {
            let name = names.get(&AccountId::from_uuid(row.account_id)).cloned();
            let name = name.ok_or_else(|| corrupt("entries", "account_id", row.id, "no such account"))?;
            found.push((name, read_entry(row)?));
        }
        let mut page = Page::cut(found, page.limit, |(_, entry)| Cursor::of_id(entry.id));
        if page.next.is_none() {
            page.next = end.map(|end| Cursor::of_id(EntryId::from_uuid(end)));
        }
        Ok(page)
    }

    async fn history(&self, account: AccountId) -> Result<Option<History>, StoreError> {
        snapshot(
            self.reader(),
            Box::new(move |read| Box::pin(async move { history(read, account.uuid()).await })),
        )
        .await
    }

    async fn entry(&self, id: EntryId) -> Result<Option<Entry>, StoreError> {
        let row = entries::Entity::find().filter(entries::Column::Id.eq(id.uuid())).one(self.reader());
        row.await.map_err(store_error)?.map(read_entry).transpose()
    }

    async fn grant(&self, id: GrantId) -> Result<Option<Grant>, StoreError> {
        let row = find_grants().filter(grants::Column::Id.eq(id.uuid())).one(self.reader());
        row.await.map_err(store_error)?.map(read_grant).transpose()
    }

    async fn usage_record(&self, id: UsageId) -> Result<Option<UsageRecord>, StoreError> {
        let row = usage_rows::Entity::find().filter(usage_rows::Column::Id.eq(id.uuid())).one(self.reader());
        row.await.map_err(store_error)?.map(read_usage).transpose()
    }

    async fn month_units(
        &self,
        account: AccountId,
        keys: &BTreeSet<MonthKey>,
    ) -> Result<BTreeMap<MonthKey, Decimal>, StoreError> {
        let keys = keys.iter().map(|key| (account, key.clone())).collect();
        let found = month_units(self.reader(), &keys).await?;
        Ok(found.into_iter().map(|(_, key, units)| (key, units)).collect())
    }

    async fn hold(&self, id: HoldId) -> Result<Option<Hold>, StoreError> {
        snapshot(
            self.reader(),
            Box::new(move |read| {
                Box::pin(async move {
                    let row = holds::Entity::find().filter(holds::Column::Id.eq(id.uuid())).one(read);
                    let rows: Vec<_> = row.await.map_err(store_error)?.into_iter().collect();
                    let found = with_slices(read, rows).await?;
                    Ok(found.into_values().flatten().next())
                })
            }),
        )
        .await
    }
}

impl SqlStore {
    /// The numbers of the entries within the filter's times, so that an old page is reached without reading all later
    /// entries.
    async fn span(&self, account: AccountId, filter: &EntryFilter) -> Result<Condition, StoreError> {
        let mut span = Condition::all();
        if let Some(from) = filter.from {
            let first = first_since(self.reader(), account.uuid(), from).await?;
            span = span.add(entries::Column::Seq.gte(first));
        }
        if let Some(to) = filter.to {
            let end = first_since(self.reader(), account.uuid(), to).await?;
            span = span.add(entries::Column::Seq.lt(end));
        }
        Ok(span)
    }

    /// The last entry that a page without a matching index reads; none if the list ends before.
    async fn end_of_walk(&self, walked: &Select<entries::Entity>) -> Result<Option<Uuid>, StoreError> {
        let last = walked.clone().select_only().column(entries::Column::Id);
        let last = last.offset(WALKED.saturating_sub(1)).limit(1).into_tuple();
        last.one(self.reader()).await.map_err(store_error)
    }
}

async fn history(read: &Transaction, id: Uuid) -> Result<Option<History>, StoreError> {
    let range = AccountRange::of(id);
    let Some(kept) = kept(read, range).await?.pop() else { return Ok(None) };
    let mut history = History { kept, lines: Lines::default(), usages: Vec::new() };
    let mut after = 0;
    while let Some((_, part)) = lines(read, range, (id, after), CHUNK).await?.pop() {
        after = part.entries.last().map_or(after, |entry| entry.seq);
        history.lines.entries.extend(part.entries);
        history.lines.allocations.extend(part.allocations);
        history.lines.keys.extend(part.keys);
    }
    let mut after = 0;
    loop {
        let part = usages(read, range, (id, after), CHUNK).await?;
        let Some(last) = part.last() else { return Ok(Some(history)) };
        after = last.number;
        history.usages.extend(part);
    }
}

/// How many entries of all accounts a page reads at most if no index matches its filter.
const WALKED: u64 = 2000;

/// The type of most spends. No index by type contains them, so they do not pay for one.
const PLAIN: &str = "usage";

/// The condition on the type. That it is not the plain type is a literal of the statement, so that the planner can use
/// the partial index.
fn of_kind(filter: &EntryFilter) -> Condition {
    let kind = filter.kind.as_deref().map(|kind| {
        if kind == PLAIN {
            Condition::all().add(is(entries::Column::Kind, PLAIN))
        } else {
            Condition::all().add(entries::Column::Kind.eq(kind)).add(is_not(entries::Column::Kind, PLAIN))
        }
    });
    Condition::all().add_option(kind)
}

fn in_span(filter: &EntryFilter) -> Condition {
    Condition::all()
        .add_option(filter.from.map(|from| entries::Column::EffectiveAt.gte(from.micros())))
        .add_option(filter.to.map(|to| entries::Column::EffectiveAt.lt(to.micros())))
}

/// Whether a list of all accounts has to read entries that the filter excludes.
fn walks(filter: &EntryFilter) -> bool {
    filter.from.is_some() || filter.to.is_some() || filter.kind.as_deref() == Some(PLAIN)
}

/// Callers validate cursors before.
pub(super) fn wrong_cursor(problem: &InvalidPage) -> StoreError {
    StoreError::Corrupt(problem.to_string())
}
