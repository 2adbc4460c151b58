//! The captures of a hold.

use std::collections::BTreeMap;

use billing_core::ledger::{Capture, UsageRecord};
use billing_core::ports::StoreError;
use billing_core::values::{AccountId, Cursor, HoldId, Page, PageRequest, Position};
use sea_orm::entity::prelude::*;
use sea_orm::{Condition, QueryOrder, QuerySelect};

use super::query::wrong_cursor;
use crate::entity::{entries, usages};
use crate::error::store_error;
use crate::row::{read_entry, read_usage};
use crate::transaction::Transaction;

/// The captures of a hold, newest first, as one list: its entries, and its usage that no entry paid for.
pub(super) async fn captures(
    read: &Transaction,
    account: AccountId,
    hold: HoldId,
    page: &PageRequest,
) -> Result<Page<Capture>, StoreError> {
    let (before, offset) = match &page.position {
        Position::Offset(offset) => ((i64::MAX, i64::MAX), u64::from(*offset)),
        Position::After(cursor) => (cursor.pair().map_err(|problem| wrong_cursor(&problem))?, 0),
    };
    // All of the skipped rows may be in one of the two tables.
    let most = u64::from(page.limit).saturating_add(1).saturating_add(offset);
    let taking = entries::Entity::find()
        .filter(entries::Column::AccountId.eq(account.uuid()))
        .filter(entries::Column::HoldId.eq(hold.uuid()))
        .filter(entries::Column::Seq.lt(before.0))
        .order_by_desc(entries::Column::Seq)
        .limit(most);
    let taking = taking.all(read).await.map_err(store_error)?;
    let carrying = usages::Entity::find()
        .filter(usages::Column::AccountId.eq(account.uuid()))
        .filter(usages::Column::HoldId.eq(hold.uuid()))
        .filter(usages::Column::Entry.is_null())
        .filter(usages::Column::Number.lt(before.1))
        .order_by_desc(usages::Column::Number)
        .limit(most);
    let carrying = carrying.all(read).await.map_err(store_error)?;

    let mut paid = paid_by(read, account, &taking).await?;
    let mut found: Vec<(Capture, (i64, i64))> =
        Vec::with_capacity(taking.len().saturating_add(carrying.len()));
    for row in taking {
        let entry = read_entry(row)?;
        let usages = paid.remove(&entry.seq).unwrap_or_default();
        let at = entry.recorded_at.micros();
        found.push((Capture { entry: Some(entry), usages }, (at, 1)));
    }
    for row in carrying {
        let usage = read_usage(row)?;
        let at = usage.recorded_at.micros();
        found.push((Capture { entry: None, usages: vec![usage] }, (at, 0)));
    }
    found.sort_by_key(|(capture, at)| std::cmp::Reverse((*at, place(capture))));
    let passed = usize::try_from(offset).unwrap_or(usize::MAX);
    let mut shown = before;
    for (capture, _) in found.iter().take(passed) {
        shown = after(shown, capture);
    }
    let captures = found.into_iter().skip(passed).map(|(capture, _)| capture);
    let mut items: Vec<Capture> = captures.collect();
    let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
    let more = items.len() > limit;
    items.truncate(limit);
    let shown = items.iter().fold(shown, after);
    Ok(Page { next: more.then(|| Cursor::of_pair(shown.0, shown.1)), items })
}

/// The positions in the two lists after `capture`.
fn after(shown: (i64, i64), capture: &Capture) -> (i64, i64) {
    match (&capture.entry, capture.usages.first()) {
        (Some(entry), _) => (entry.seq, shown.1),
        (None, Some(usage)) => (shown.0, usage.number),
        (None, None) => shown,
    }
}

fn place(capture: &Capture) -> i64 {
    capture
        .entry
        .as_ref()
        .map_or_else(|| capture.usages.first().map_or(0, |usage| usage.number), |entry| entry.seq)
}

/// The usage that `rows` paid for, by entry.
async fn paid_by(
    read: &Transaction,
    account: AccountId,
    rows: &[entries::Model],
) -> Result<BTreeMap<i64, Vec<UsageRecord>>, StoreError> {
    let ranges = rows
        .iter()
        .filter_map(|row| row.first_usage.zip(row.last_usage))
        .fold(Condition::any(), |any, (first, last)| any.add(usages::Column::Number.between(first, last)));
    if ranges.is_empty() {
        return Ok(BTreeMap::new());
    }
    let found = usages::Entity::find()
        .filter(usages::Column::AccountId.eq(account.uuid()))
        .filter(ranges)
        .order_by_asc(usages::Column::Number)
        .all(read);
    let mut paid: BTreeMap<i64, Vec<UsageRecord>> = BTreeMap::new();
    for row in found.await.map_err(store_error)? {
        let usage = read_usage(row)?;
        if let Some(entry) = usage.entry {
            paid.entry(entry).or_default().push(usage);
        }
    }
    Ok(paid)
}
