//! Loads the usage that a batch reverses.

use std::collections::{BTreeMap, BTreeSet};

use billing_core::ledger::{Named, UsageLeft, UsageRecord};
use billing_core::ports::StoreError;
use billing_core::values::{AccountId, EntryId};
use sea_orm::Condition;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait;

use super::load_named::Accounts;
use crate::entity::{entries, usages};
use crate::error::store_error;
use crate::row::read_usage;
use crate::transaction::Transaction;

/// Loads the named usage and the usage that named entries paid for, and adds to `named` what a reversal of it needs:
/// the entries that paid for it, and the holds that it was captured from.
pub(super) async fn load_usages(
    transaction: &Transaction,
    named: &mut Named,
    loaded: &mut Accounts,
) -> Result<(), StoreError> {
    if named.usages.is_empty() && named.entries.is_empty() {
        return Ok(());
    }
    let mut found = named_usages(transaction, named).await?;
    let of_entries = paid_usages(transaction, named, &found).await?;
    found.extend(of_entries.into_iter().map(|usage| (usage.id, usage)));
    if found.is_empty() {
        return Ok(());
    }
    let returns = returns_of(transaction, found.values()).await?;
    for usage in found.into_values() {
        named.holds.extend(usage.hold.map(|hold| (usage.account, hold)));
        let back = returns.get(&(usage.account, usage.number)).map(Vec::as_slice).unwrap_or_default();
        if let Some(loaded) = loaded.get_mut(&usage.account) {
            loaded.usages.push(UsageLeft::of(usage, back));
        }
    }
    Ok(())
}

type Found = BTreeMap<billing_core::values::UsageId, UsageRecord>;

async fn named_usages(transaction: &Transaction, named: &Named) -> Result<Found, StoreError> {
    if named.usages.is_empty() {
        return Ok(Found::new());
    }
    let ids: BTreeSet<Uuid> = named.usages.iter().map(|(_, usage)| usage.uuid()).collect();
    let rows = usages::Entity::find().filter(usages::Column::Id.is_in(ids)).all(transaction);
    let rows = rows.await.map_err(store_error)?.into_iter().map(read_usage);
    let found = rows.map(|usage| usage.map(|usage| (usage.id, usage))).collect::<Result<Found, _>>()?;
    // A usage is read by its id alone; one of another account is left out.
    Ok(found.into_iter().filter(|(id, usage)| named.usages.contains(&(usage.account, *id))).collect())
}

/// The usage that the named entries paid for. Adds the entries that paid for the usage in `found` to the named ones.
async fn paid_usages(
    transaction: &Transaction,
    named: &mut Named,
    found: &Found,
) -> Result<Vec<UsageRecord>, StoreError> {
    let ids: BTreeSet<Uuid> = named.entries.iter().map(|(_, entry)| entry.uuid()).collect();
    let by_usage = found.values().filter_map(|usage| Some((usage.account.uuid(), usage.entry?)));
    let places: BTreeSet<(Uuid, i64)> = by_usage.collect();
    let mut wanted = Condition::any();
    if !ids.is_empty() {
        wanted = wanted.add(entries::Column::Id.is_in(ids.iter().copied()));
    }
    for (account, seq) in places {
        wanted = wanted.add(entries::Column::AccountId.eq(account).and(entries::Column::Seq.eq(seq)));
    }
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let rows = entries::Entity::find().filter(wanted).all(transaction).await.map_err(store_error)?;
    let mut ranges = Condition::any();
    for row in rows {
        if let Some((first, last)) = row.first_usage.zip(row.last_usage) {
            let numbers = usages::Column::Number.between(first, last);
            ranges = ranges.add(usages::Column::AccountId.eq(row.account_id).and(numbers));
        }
        named.entries.insert((AccountId::from_uuid(row.account_id), EntryId::from_uuid(row.id)));
    }
    if ranges.is_empty() {
        return Ok(Vec::new());
    }
    let rows = usages::Entity::find().filter(ranges).all(transaction).await.map_err(store_error)?;
    rows.into_iter().map(read_usage).collect()
}

/// The reversals of `found` so far, by account and number of the reversed usage.
async fn returns_of(
    transaction: &Transaction,
    found: impl Iterator<Item = &UsageRecord>,
) -> Result<BTreeMap<(AccountId, i64), Vec<UsageRecord>>, StoreError> {
    let wanted = found.fold(Condition::any(), |any, usage| {
        let own = usages::Column::AccountId.eq(usage.account.uuid());
        any.add(own.and(usages::Column::Returns.eq(usage.number)))
    });
    let rows = usages::Entity::find().filter(wanted).all(transaction).await.map_err(store_error)?;
    let mut returns: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for row in rows {
        let usage = read_usage(row)?;
        if let Some(number) = usage.returns {
            returns.entry((usage.account, number)).or_default().push(usage);
        }
    }
    Ok(returns)
}
