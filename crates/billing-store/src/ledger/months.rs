//! The units used in a month, for tiers that count per month.

use std::collections::{BTreeMap, BTreeSet};

use billing_core::catalog::MonthKey;
use billing_core::ledger::{Named, Posting};
use billing_core::ports::StoreError;
use billing_core::values::{AccountId, Timestamp, Zone};
use rust_decimal::Decimal;
use sea_orm::QuerySelect;
use sea_orm::entity::prelude::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Uuid};
use sea_orm::sea_query::OnConflict;

use super::load_named::Accounts;
use crate::entity::{accounts, usage_months};
use crate::error::store_error;
use crate::row::read_usage_month;
use crate::transaction::Transaction;

/// Loads the time zones of the accounts whose usage is priced by the units used earlier in the month, and those units.
/// Without such usage, it queries nothing; only the months that are needed are read.
pub(super) async fn load_months(
    transaction: &Transaction,
    named: &Named,
    batch: &[Posting],
    now: Timestamp,
    loaded: &mut Accounts,
) -> Result<(), StoreError> {
    for (account, zone) in zones(transaction, &named.monthly).await? {
        if let Some(loaded) = loaded.get_mut(&account) {
            loaded.zone = zone;
        }
    }
    let keys = named.month_keys(batch, now, loaded);
    for (account, key, units) in month_units(transaction, &keys).await? {
        if let Some(loaded) = loaded.get_mut(&account) {
            loaded.months.push((key, units));
        }
    }
    Ok(())
}

/// The time zones of the accounts in `asked` that have one.
async fn zones(
    read: &impl ConnectionTrait,
    asked: &BTreeSet<AccountId>,
) -> Result<Vec<(AccountId, Zone)>, StoreError> {
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<(Uuid, Option<String>)> = accounts::Entity::find()
        .select_only()
        .columns([accounts::Column::Id, accounts::Column::Timezone])
        .filter(accounts::Column::Id.is_in(asked.iter().map(|account| account.uuid())))
        .into_tuple()
        .all(read)
        .await
        .map_err(store_error)?;
    let known = |(id, zone): (Uuid, Option<String>)| Some((AccountId::from_uuid(id), zone?.parse().ok()?));
    Ok(rows.into_iter().filter_map(known).collect())
}

/// The units counted at `keys`, in one statement for any number of them. A missing row counts 0.
pub(super) async fn month_units(
    read: &impl ConnectionTrait,
    keys: &BTreeSet<(AccountId, MonthKey)>,
) -> Result<Vec<(AccountId, MonthKey, Decimal)>, StoreError> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let rows = if crate::is_postgres(read) {
        usage_months::Entity::find().from_raw_sql(super::postgres::month_units(keys)).all(read).await
    } else {
        let texts = |text: fn(&MonthKey) -> String| -> BTreeSet<String> {
            keys.iter().map(|(_, key)| text(key)).collect()
        };
        let ids: BTreeSet<Uuid> = keys.iter().map(|(account, _)| account.uuid()).collect();
        usage_months::Entity::find()
            .filter(usage_months::Column::AccountId.is_in(ids))
            .filter(usage_months::Column::Meter.is_in(texts(|key| key.meter.clone())))
            .filter(usage_months::Column::Month.is_in(texts(|key| key.month.to_string())))
            .filter(usage_months::Column::Quantity.is_in(texts(|key| key.quantity.clone())))
            .all(read)
            .await
    };
    let rows = rows.map_err(store_error)?.into_iter().map(read_usage_month);
    let rows = rows.collect::<Result<Vec<_>, _>>()?.into_iter();
    Ok(rows.filter(|(account, key, _)| keys.contains(&(*account, key.clone()))).collect())
}

/// The units in `rows`, by account.
pub(super) fn months_by_account(
    rows: Vec<usage_months::Model>,
) -> Result<BTreeMap<AccountId, BTreeMap<MonthKey, Decimal>>, StoreError> {
    let mut months: BTreeMap<AccountId, BTreeMap<MonthKey, Decimal>> = BTreeMap::new();
    for row in rows {
        let (account, key, units) = read_usage_month(row)?;
        months.entry(account).or_default().insert(key, units);
    }
    Ok(months)
}

/// The action if the row exists.
pub(super) fn changed() -> OnConflict {
    use usage_months::Column;
    OnConflict::columns([Column::AccountId, Column::Meter, Column::Month, Column::Quantity, Column::Rate])
        .update_column(Column::Units)
        .to_owned()
}
