//! Loads what a batch's commands name: holds, grants, entries to reverse, meters. A batch of plain spends names
//! nothing, and needs no query.

use std::collections::{BTreeMap, BTreeSet};

use billing_core::ledger::{EntryType, InvalidSpendType, Loaded, Named, Posting, Reversible};
use billing_core::ports::StoreError;
use billing_core::values::{AccountId, Credits, EntryId, GrantId, Timestamp};
use sea_orm::Condition;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait;

use super::among::among;
use super::burning_grant::find_grants;
use super::carries::{carries, meters_of};
use super::load_live::{grants_by_account, with_slices};
use super::load_usages::load_usages;
use super::months::load_months;
use crate::entity::{debts, entries, grants, holds};
use crate::error::{corrupt, store_error};
use crate::row::read_allocations;
use crate::transaction::Transaction;

pub(super) type Accounts = BTreeMap<AccountId, Loaded>;

pub(super) async fn load_named(
    transaction: &Transaction,
    batch: &[Posting],
    now: Timestamp,
    loaded: &mut Accounts,
) -> Result<(), StoreError> {
    let mut named = Named::of(batch);
    load_usages(transaction, &mut named, loaded).await?;
    load_holds(transaction, &named, loaded).await?;
    load_reversibles(transaction, &named, loaded).await?;
    load_carries(transaction, &named, loaded).await?;
    load_months(transaction, &named, batch, now, loaded).await?;
    load_grants(transaction, &named, loaded).await
}

async fn load_holds(
    transaction: &Transaction,
    named: &Named,
    loaded: &mut Accounts,
) -> Result<(), StoreError> {
    if named.holds.is_empty() {
        return Ok(());
    }
    let accounts: BTreeSet<_> = named.holds.iter().map(|(account, _)| account.uuid()).collect();
    let ids: BTreeSet<_> = named.holds.iter().map(|(_, hold)| hold.uuid()).collect();
    let rows = holds::Entity::find()
        .filter(among(transaction, holds::Column::AccountId, &accounts))
        .filter(among(transaction, holds::Column::Id, &ids))
        .all(transaction)
        .await
        .map_err(store_error)?;
    for (account, holds) in with_slices(transaction, rows).await? {
        if let Some(loaded) = loaded.get_mut(&account) {
            loaded.holds.retain(|open| !holds.iter().any(|hold| hold.id == open.id));
            loaded.holds.extend(holds);
        }
    }
    Ok(())
}

async fn load_reversibles(
    transaction: &Transaction,
    named: &Named,
    loaded: &mut Accounts,
) -> Result<(), StoreError> {
    if named.entries.is_empty() {
        return Ok(());
    }
    let ids: BTreeSet<_> = named.entries.iter().map(|(_, entry)| entry.uuid()).collect();
    let found = entries::Entity::find()
        .filter(among(transaction, entries::Column::Id, &ids))
        .all(transaction)
        .await
        .map_err(store_error)?;
    if found.is_empty() {
        return Ok(());
    }
    let at = |account: entries::Column, seq: entries::Column| {
        found
            .iter()
            .fold(Condition::any(), |any, row| any.add(account.eq(row.account_id).and(seq.eq(row.seq))))
    };
    let owed = found.iter().fold(Condition::any(), |any, row| {
        any.add(debts::Column::AccountId.eq(row.account_id).and(debts::Column::Seq.eq(row.seq)))
    });
    let owed = debts::Entity::find()
        .filter(owed)
        .filter(debts::Column::GrantId.is_null())
        .all(transaction)
        .await
        .map_err(store_error)?;
    let returned = entries::Entity::find()
        .filter(at(entries::Column::AccountId, entries::Column::Reverses))
        .all(transaction)
        .await
        .map_err(store_error)?;
    for row in &found {
        let place = (row.account_id, row.seq);
        let owed = owed.iter().filter(|debt| (debt.account_id, debt.seq) == place).map(|debt| debt.amount);
        let returned = returned
            .iter()
            .filter(|back| back.account_id == row.account_id && back.reverses == Some(row.seq))
            .map(|back| back.amount);
        let kind: EntryType = row
            .kind
            .parse()
            .map_err(|problem: InvalidSpendType| corrupt("entries", "kind", row.id, problem))?;
        let reversible = Reversible::of(
            (EntryId::from_uuid(row.id), row.seq, kind),
            &read_allocations(row)?,
            Credits::new(owed.sum()),
            Credits::new(returned.sum()),
        );
        if let Some(loaded) = loaded.get_mut(&AccountId::from_uuid(row.account_id)) {
            loaded.reversibles.push(reversible);
        }
    }
    Ok(())
}

/// The carries of the named meters, of the usage to reverse, and of the holds.
async fn load_carries(
    transaction: &Transaction,
    named: &Named,
    loaded: &mut Accounts,
) -> Result<(), StoreError> {
    let mut meters = named.meters.clone();
    for (account, loaded) in &*loaded {
        meters.extend(meters_of(&loaded.holds));
        meters.extend(loaded.usages.iter().map(|usage| (*account, usage.record.meter.clone())));
    }
    for (account, carried) in carries(transaction, &meters).await? {
        if let Some(loaded) = loaded.get_mut(&account) {
            loaded.carried = carried;
        }
    }
    Ok(())
}

/// The grants that are named, that named holds have pinned, or that entries to reverse drew on.
async fn load_grants(
    transaction: &Transaction,
    named: &Named,
    loaded: &mut Accounts,
) -> Result<(), StoreError> {
    let mut wanted: BTreeSet<(Uuid, Uuid)> =
        named.grants.iter().map(|(account, grant)| (account.uuid(), grant.uuid())).collect();
    for (account, loaded) in &*loaded {
        let pinned = loaded.holds.iter().flat_map(|hold| &hold.slices).map(|slice| slice.grant);
        let drawn = loaded.reversibles.iter().flat_map(|entry| &entry.parts).map(|(grant, _)| *grant);
        let known: BTreeSet<GrantId> = loaded.grants.iter().map(|grant| grant.id).collect();
        let missing = pinned.chain(drawn).filter(|grant| !known.contains(grant));
        wanted.extend(missing.map(|grant| (account.uuid(), grant.uuid())));
    }
    if wanted.is_empty() {
        return Ok(());
    }
    let accounts: BTreeSet<Uuid> = wanted.iter().map(|(account, _)| *account).collect();
    let ids: BTreeSet<Uuid> = wanted.iter().map(|(_, grant)| *grant).collect();
    let rows = find_grants()
        .filter(among(transaction, grants::Column::AccountId, &accounts))
        .filter(among(transaction, grants::Column::Id, &ids))
        .all(transaction)
        .await
        .map_err(store_error)?;
    for (account, grants) in grants_by_account(rows)? {
        if let Some(loaded) = loaded.get_mut(&account) {
            loaded.named_grants = grants;
        }
    }
    Ok(())
}
