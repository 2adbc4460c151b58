//! Live grants and open holds.

use std::collections::{BTreeMap, BTreeSet};

use billing_core::ledger::{Grant, Hold, Loaded};
use billing_core::ports::StoreError;
use billing_core::values::AccountId;
use sea_orm::QueryOrder;
use sea_orm::entity::prelude::*;

use super::among::among;
use super::burning_grant::find_grants;
use crate::entity::{grants, hold_slices, holds};
use crate::error::store_error;
use crate::row::{read_grant, read_hold};
use crate::transaction::Transaction;

/// How many grants of an account are loaded at first. Most accounts have fewer; a spend draws on one or two.
pub(super) const FIRST: usize = 5;

/// The number of holds per statement that reads slices: SQLite binds 32,766 values at most.
const HOLDS: usize = 10_000;

/// Loads the first live grants of each account in burn order, and marks accounts that have more. SQLite runs in this
/// process, so all of them are loaded there.
pub(super) async fn first_grants(
    transaction: &Transaction,
    loaded: &mut BTreeMap<AccountId, Loaded>,
) -> Result<(), StoreError> {
    let accounts: BTreeSet<Uuid> = loaded.keys().map(|id| id.uuid()).collect();
    let postgres = crate::is_postgres(transaction);
    let mut first = if postgres {
        let rows = find_grants().from_raw_sql(super::postgres::first_grants(&accounts, FIRST));
        grants_by_account(rows.all(transaction).await.map_err(store_error)?)?
    } else {
        live_grants(transaction, &accounts).await?
    };
    let mut open = if postgres { BTreeMap::new() } else { open_holds(transaction, &accounts).await? };
    for (id, loaded) in loaded {
        loaded.grants = first.remove(id).unwrap_or_default();
        loaded.holds = open.remove(id).unwrap_or_default();
        loaded.more = postgres && (loaded.grants.len() >= FIRST || loaded.balance.open_holds > 0);
    }
    Ok(())
}

/// All live grants of the accounts.
pub(super) async fn live_grants(
    read: &impl ConnectionTrait,
    accounts: &BTreeSet<Uuid>,
) -> Result<BTreeMap<AccountId, Vec<Grant>>, StoreError> {
    let rows = find_grants()
        .filter(among(read, grants::Column::AccountId, accounts))
        .filter(Expr::col(grants::Column::Live))
        .all(read)
        .await
        .map_err(store_error)?;
    grants_by_account(rows)
}

/// All open holds of the accounts.
pub(super) async fn open_holds(
    read: &impl ConnectionTrait,
    accounts: &BTreeSet<Uuid>,
) -> Result<BTreeMap<AccountId, Vec<Hold>>, StoreError> {
    let rows = holds::Entity::find()
        .filter(among(read, holds::Column::AccountId, accounts))
        .filter(holds::Column::EndedAt.is_null())
        .all(read)
        .await
        .map_err(store_error)?;
    with_slices(read, rows).await
}

/// The holds in `rows`, with their slices.
pub(super) async fn with_slices(
    read: &impl ConnectionTrait,
    rows: Vec<holds::Model>,
) -> Result<BTreeMap<AccountId, Vec<Hold>>, StoreError> {
    let mut holds: BTreeMap<AccountId, Vec<Hold>> = BTreeMap::new();
    if rows.is_empty() {
        return Ok(holds);
    }
    let places: Vec<(Uuid, Uuid)> = rows.iter().map(|row| (row.account_id, row.id)).collect();
    let mut by_hold: BTreeMap<Uuid, Vec<hold_slices::Model>> = BTreeMap::new();
    for places in places.chunks(HOLDS) {
        let slices = if crate::is_postgres(read) {
            hold_slices::Entity::find().from_raw_sql(super::postgres::slices(places)).all(read).await
        } else {
            let accounts: BTreeSet<Uuid> = places.iter().map(|(account, _)| *account).collect();
            hold_slices::Entity::find()
                .filter(among(read, hold_slices::Column::AccountId, &accounts))
                .filter(among(read, hold_slices::Column::HoldId, places.iter().map(|(_, hold)| hold)))
                .order_by_asc(hold_slices::Column::Position)
                .all(read)
                .await
        };
        for slice in slices.map_err(store_error)? {
            by_hold.entry(slice.hold_id).or_default().push(slice);
        }
    }
    for row in rows {
        let slices = by_hold.remove(&row.id).unwrap_or_default();
        let hold = read_hold(row, &slices)?;
        holds.entry(hold.account).or_default().push(hold);
    }
    Ok(holds)
}

/// The grants in `rows`, by account.
pub(super) fn grants_by_account(
    rows: Vec<grants::Model>,
) -> Result<BTreeMap<AccountId, Vec<Grant>>, StoreError> {
    let mut grouped: BTreeMap<AccountId, Vec<Grant>> = BTreeMap::new();
    for row in rows {
        let grant = read_grant(row)?;
        grouped.entry(grant.account).or_default().push(grant);
    }
    Ok(grouped)
}
