//! Lists of usage.

use std::collections::{BTreeMap, BTreeSet};

use billing_core::ledger::UsageRecord;
use billing_core::ports::{StoreError, UsageFilter};
use billing_core::values::{AccountId, Cursor, EntryId, Page, PageRequest, Position};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait;
use sea_orm::{Condition, FromQueryResult, QueryOrder, QuerySelect};

use super::query::wrong_cursor;
use crate::SqlStore;
use crate::entity::{entries, usages};
use crate::error::store_error;
use crate::row::read_usage;

/// One account's usage, the latest occurrence first.
pub(super) async fn usages(
    store: &SqlStore,
    account: AccountId,
    filter: &UsageFilter,
    page: &PageRequest,
) -> Result<Page<(UsageRecord, Option<EntryId>)>, StoreError> {
    let mut query = usages::Entity::find()
        .filter(usages::Column::AccountId.eq(account.uuid()))
        .filter(passes(filter))
        .order_by_desc(usages::Column::OccurredAt)
        .order_by_desc(usages::Column::Number)
        .limit(u64::from(page.limit).saturating_add(1));
    query = match &page.position {
        Position::Offset(offset) => query.offset(u64::from(*offset)),
        Position::After(cursor) => {
            let (at, number) = cursor.pair().map_err(|problem| wrong_cursor(&problem))?;
            // An index serves the first condition; the second leaves out what was shown.
            let shown = usages::Column::OccurredAt.eq(at).and(usages::Column::Number.gte(number));
            query.filter(usages::Column::OccurredAt.lte(at)).filter(shown.not())
        }
    };
    let rows = query.all(store.reader()).await.map_err(store_error)?;
    let found = rows.into_iter().map(read_usage).collect::<Result<Vec<_>, _>>()?;
    let entries = entry_ids(store, account, &found).await?;
    let page = Page::cut(found, page.limit, |usage| Cursor::of_moment(usage.occurred_at, usage.number));
    Ok(page.map(|usage| {
        let entry = usage.entry.and_then(|seq| entries.get(&seq)).copied();
        (usage, entry)
    }))
}

#[derive(FromQueryResult)]
struct Numbered {
    seq: i64,
    id: Uuid,
}

/// The ids of the entries that `usages` name, by number.
async fn entry_ids(
    store: &SqlStore,
    account: AccountId,
    usages: &[UsageRecord],
) -> Result<BTreeMap<i64, EntryId>, StoreError> {
    let named: BTreeSet<i64> = usages.iter().filter_map(|usage| usage.entry).collect();
    if named.is_empty() {
        return Ok(BTreeMap::new());
    }
    let find = entries::Entity::find().select_only().columns([entries::Column::Seq, entries::Column::Id]);
    let rows = if crate::is_postgres(store.reader()) {
        let asked = super::postgres::entry_ids(account.uuid(), &named);
        Numbered::find_by_statement(asked).all(store.reader()).await
    } else {
        let own = find.filter(entries::Column::AccountId.eq(account.uuid()));
        own.filter(entries::Column::Seq.is_in(named)).into_model::<Numbered>().all(store.reader()).await
    };
    let rows = rows.map_err(store_error)?.into_iter();
    Ok(rows.map(|row| (row.seq, EntryId::from_uuid(row.id))).collect())
}

fn passes(filter: &UsageFilter) -> Condition {
    Condition::all()
        .add_option(filter.from.map(|from| usages::Column::OccurredAt.gte(from.micros())))
        .add_option(filter.to.map(|to| usages::Column::OccurredAt.lt(to.micros())))
        .add_option(filter.meter.as_ref().map(|meter| usages::Column::Meter.eq(meter.as_str())))
}

/// The account's usage with these numbers.
pub(super) async fn usages_between(
    read: &impl ConnectionTrait,
    account: Uuid,
    first: i64,
    last: i64,
) -> Result<Vec<UsageRecord>, StoreError> {
    let rows = usages::Entity::find()
        .filter(usages::Column::AccountId.eq(account))
        .filter(usages::Column::Number.between(first, last))
        .order_by_asc(usages::Column::Number);
    rows.all(read).await.map_err(store_error)?.into_iter().map(read_usage).collect()
}
