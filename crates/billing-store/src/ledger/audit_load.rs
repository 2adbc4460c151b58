//! What an audit looks at beside the entries.

use std::collections::{BTreeMap, BTreeSet};

use billing_core::ledger::Grant;
use billing_core::ledger::audit::{AuditMark, Kept};
use billing_core::ports::StoreError;
use billing_core::values::Timestamp;
use sea_orm::entity::prelude::*;
use sea_orm::{FromQueryResult, QueryOrder, QuerySelect};

use super::balances::kept_row;
use super::carries::all_carries;
use super::load_live::{live_grants, open_holds, with_slices};
use super::months::all_months;
use crate::entity::{debts, entries, grants, holds};
use crate::error::store_error;
use crate::row::{read_debt, read_grant, read_parts};
use crate::transaction::Transaction;

/// How many ids one statement names.
const CHUNK: usize = 5000;

/// Everything that is kept of the account but its entries.
pub(super) async fn kept(read: &Transaction, id: Uuid) -> Result<Option<Kept>, StoreError> {
    let Some(balance) = kept_row(read, id).await? else { return Ok(None) };
    let account = balance.account;
    let grants = grants::Entity::find().filter(grants::Column::AccountId.eq(id)).all(read);
    let grants = grants.await.map_err(store_error)?.into_iter().map(read_grant);
    let holds = holds::Entity::find().filter(holds::Column::AccountId.eq(id)).all(read);
    let holds = with_slices(read, holds.await.map_err(store_error)?).await?.remove(&account);
    let debts = debts::Entity::find().filter(debts::Column::AccountId.eq(id)).all(read);
    let debts = debts.await.map_err(store_error)?;
    Ok(Some(Kept {
        balance,
        grants: grants.collect::<Result<_, _>>()?,
        holds: holds.unwrap_or_default(),
        debts: debts.iter().map(read_debt).collect(),
        carries: all_carries(read, id).await?,
        months: all_months(read, id).await?,
    }))
}

/// What is kept of the account that can have changed since `mark`: grants that are live and holds that are open,
/// those that later entries name, holds that have ended since, and what was owed and repaid since. A grant that is
/// used up, and a hold that has ended, stay as they are until an entry names them.
pub(super) async fn changed(
    read: &Transaction,
    id: Uuid,
    mark: &AuditMark,
) -> Result<Option<Kept>, StoreError> {
    let Some(balance) = kept_row(read, id).await? else { return Ok(None) };
    let account = balance.account;
    let one = BTreeSet::from([id]);
    let named = named_since(read, id, mark.seq).await?;

    let mut grants = live_grants(read, &one).await?.remove(&account).unwrap_or_default();
    let known: BTreeSet<Uuid> = grants.iter().map(|grant| grant.id.uuid()).collect();
    grants.extend(grants_of(read, id, named.grants.difference(&known).copied().collect()).await?);

    let mut holds = open_holds(read, &one).await?.remove(&account).unwrap_or_default();
    let known: BTreeSet<Uuid> = holds.iter().map(|hold| hold.id.uuid()).collect();
    let ended = ended_since(read, id, mark.last_at).await?.into_iter();
    let mut rows: Vec<holds::Model> = ended.filter(|row| !known.contains(&row.id)).collect();
    let known: BTreeSet<Uuid> = known.into_iter().chain(rows.iter().map(|row| row.id)).collect();
    let missing: Vec<Uuid> = named.holds.difference(&known).copied().collect();
    for ids in missing.chunks(CHUNK) {
        let found = holds::Entity::find()
            .filter(holds::Column::AccountId.eq(id))
            .filter(holds::Column::Id.is_in(ids.iter().copied()));
        rows.extend(found.all(read).await.map_err(store_error)?);
    }
    holds.extend(with_slices(read, rows).await?.remove(&account).unwrap_or_default());

    // What is repaid is noted under the account's last entry, which the mark may have reached already.
    let owed = debts::Entity::find()
        .filter(debts::Column::AccountId.eq(id))
        .filter(debts::Column::Seq.gte(mark.seq))
        .order_by_asc(debts::Column::Seq);
    let debts = owed.all(read).await.map_err(store_error)?.iter().map(read_debt).collect();
    let carries = all_carries(read, id).await?;
    Ok(Some(Kept { balance, grants, holds, debts, carries, months: BTreeMap::new() }))
}

#[derive(Default)]
struct Named {
    grants: BTreeSet<Uuid>,
    holds: BTreeSet<Uuid>,
}

#[derive(FromQueryResult)]
struct Naming {
    id: Uuid,
    seq: i64,
    hold_id: Option<Uuid>,
    allocations: String,
}

/// Which grants and holds the entries after number `seq` name.
async fn named_since(read: &Transaction, id: Uuid, seq: i64) -> Result<Named, StoreError> {
    let (mut named, mut after) = (Named::default(), seq);
    loop {
        let rows: Vec<Naming> = entries::Entity::find()
            .select_only()
            .columns([
                entries::Column::Id,
                entries::Column::Seq,
                entries::Column::HoldId,
                entries::Column::Allocations,
            ])
            .filter(entries::Column::AccountId.eq(id))
            .filter(entries::Column::Seq.gt(after))
            .order_by_asc(entries::Column::Seq)
            .limit(u64::try_from(CHUNK).unwrap_or(u64::MAX))
            .into_model()
            .all(read)
            .await
            .map_err(store_error)?;
        let Some(last) = rows.last() else { return Ok(named) };
        after = last.seq;
        for row in &rows {
            named.holds.extend(row.hold_id);
            let parts = read_parts(row.id, &row.allocations)?;
            named.grants.extend(parts.into_iter().map(|(grant, _)| grant));
        }
    }
}

async fn grants_of(read: &Transaction, id: Uuid, ids: Vec<Uuid>) -> Result<Vec<Grant>, StoreError> {
    let mut grants = Vec::with_capacity(ids.len());
    for ids in ids.chunks(CHUNK) {
        let found = grants::Entity::find()
            .filter(grants::Column::AccountId.eq(id))
            .filter(grants::Column::Id.is_in(ids.iter().copied()));
        for row in found.all(read).await.map_err(store_error)? {
            grants.push(read_grant(row)?);
        }
    }
    Ok(grants)
}

async fn ended_since(
    read: &Transaction,
    id: Uuid,
    since: Timestamp,
) -> Result<Vec<holds::Model>, StoreError> {
    let ended = holds::Entity::find()
        .filter(holds::Column::AccountId.eq(id))
        .filter(holds::Column::EndedAt.gte(since.micros()));
    ended.all(read).await.map_err(store_error)
}
