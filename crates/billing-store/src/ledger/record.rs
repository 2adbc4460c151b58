//! An entry with everything related to it.

use std::collections::{BTreeMap, BTreeSet};

use billing_core::ledger::{Allocation, Entry, EntryRecord, Grant};
use billing_core::ports::StoreError;
use billing_core::values::{AccountId, Credits, EntryId};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait;
use sea_orm::{FromQueryResult, QueryOrder, QuerySelect};

use super::burning_grant::find_grants;
use super::load_live::with_slices;
use super::usages::usages_between;
use crate::entity::{debts, entries, grants, holds};
use crate::error::{corrupt, store_error};
use crate::row::{read_allocations, read_entry, read_grant};
use crate::transaction::Transaction;

/// How many of an entry's reversals are listed.
const REVERSALS: u64 = 100;

pub(super) async fn entry_record(
    read: &Transaction,
    account: AccountId,
    id: EntryId,
) -> Result<Option<EntryRecord>, StoreError> {
    let row = entries::Entity::find().filter(entries::Column::Id.eq(id.uuid())).one(read);
    let row = row.await.map_err(store_error)?.filter(|row| row.account_id == account.uuid());
    let Some(row) = row else { return Ok(None) };
    let parts = parts(read, &row).await?;
    let entry = read_entry(row)?;
    let debts = debts_of(read, &entry).await?;
    let [owed, repaid] = [false, true].map(|by_grant| {
        let own = debts.iter().filter(|debt| debt.grant_id.is_some() == by_grant);
        own.fold(0_i64, |sum, debt| sum.saturating_add(debt.amount))
    });
    let (reversed_by, given_back) = reversals(read, &entry).await?;
    let reverses = match entry.reverses {
        None => None,
        Some(seq) => {
            let row = entries::Entity::find_by_id((account.uuid(), seq)).one(read);
            row.await.map_err(store_error)?.map(read_entry).transpose()?
        }
    };
    let hold = match entry.hold {
        None => None,
        Some(hold) => {
            let rows = holds::Entity::find_by_id((account.uuid(), hold.uuid())).all(read);
            let found = with_slices(read, rows.await.map_err(store_error)?).await?;
            found.into_values().flatten().next()
        }
    };
    let usages = match entry.usages {
        None => Vec::new(),
        Some((first, last)) => usages_between(read, account.uuid(), first, last).await?,
    };
    Ok(Some(EntryRecord {
        usages,
        parts,
        owed: Credits::new(owed),
        repaid: Credits::new(repaid.saturating_neg()),
        hold,
        reverses,
        reversed_by,
        reversed: given_back,
        entry,
    }))
}

/// The grants that the entry added to or drew from, in its order.
async fn parts(read: &Transaction, row: &entries::Model) -> Result<Vec<(Grant, Credits)>, StoreError> {
    let parts = read_allocations(row)?;
    let ids: BTreeSet<Uuid> = parts.iter().map(|part| part.grant.uuid()).collect();
    let found = find_grants()
        .filter(grants::Column::AccountId.eq(row.account_id))
        .filter(grants::Column::Id.is_in(ids))
        .all(read)
        .await
        .map_err(store_error)?;
    let grants = found.into_iter().map(|row| Ok((row.id, read_grant(row)?)));
    let grants = grants.collect::<Result<BTreeMap<_, _>, StoreError>>()?;
    let part = |part: Allocation| {
        let grant = grants.get(&part.grant.uuid()).cloned();
        let lost = || corrupt("entries", "allocations", row.id, format!("there is no grant {}", part.grant));
        Ok((grant.ok_or_else(lost)?, part.amount))
    };
    parts.into_iter().map(part).collect()
}

async fn debts_of(read: &Transaction, entry: &Entry) -> Result<Vec<debts::Model>, StoreError> {
    let rows = debts::Entity::find()
        .filter(debts::Column::AccountId.eq(entry.account.uuid()))
        .filter(debts::Column::Seq.eq(entry.seq));
    rows.all(read).await.map_err(store_error)
}

#[derive(FromQueryResult)]
struct Reversed {
    amount: Option<i64>,
}

/// The first entries that reversed it, and the total reversed.
async fn reversals(read: &Transaction, entry: &Entry) -> Result<(Vec<Entry>, Credits), StoreError> {
    let back = || {
        entries::Entity::find()
            .filter(entries::Column::AccountId.eq(entry.account.uuid()))
            .filter(entries::Column::Reverses.eq(entry.seq))
    };
    let rows = back().order_by_asc(entries::Column::Seq).limit(REVERSALS).all(read);
    let first =
        rows.await.map_err(store_error)?.into_iter().map(read_entry).collect::<Result<Vec<_>, _>>()?;
    if first.is_empty() {
        return Ok((first, Credits::ZERO));
    }
    let sum: Option<Reversed> = back()
        .select_only()
        .column_as(entries::Column::Amount.sum().cast_as("bigint"), "amount")
        .into_model()
        .one(read)
        .await
        .map_err(store_error)?;
    Ok((first, Credits::new(sum.and_then(|sum| sum.amount).unwrap_or_default())))
}
