//! Carries: fractions of a credit.

use std::collections::{BTreeMap, BTreeSet};

use billing_core::ledger::{Carry, Hold};
use billing_core::ports::StoreError;
use billing_core::values::{AccountId, Credits};
use sea_orm::entity::prelude::*;

use super::among::among;
use crate::entity::usage_carries;
use crate::error::{corrupt, store_error};

/// The carries of these meters, by account.
pub(super) async fn carries(
    read: &impl ConnectionTrait,
    meters: &BTreeSet<(AccountId, String)>,
) -> Result<BTreeMap<AccountId, Vec<(String, Carry)>>, StoreError> {
    if meters.is_empty() {
        return Ok(BTreeMap::new());
    }
    let accounts: BTreeSet<_> = meters.iter().map(|(account, _)| account.uuid()).collect();
    let names: BTreeSet<_> = meters.iter().map(|(_, meter)| meter.as_str()).collect();
    let rows = usage_carries::Entity::find()
        .filter(among(read, usage_carries::Column::AccountId, &accounts))
        .filter(usage_carries::Column::Meter.is_in(names));
    carries_by_account(rows.all(read).await.map_err(store_error)?)
}

/// The meters of the usage of `holds`.
pub(super) fn meters_of<'a>(holds: impl IntoIterator<Item = &'a Hold>) -> BTreeSet<(AccountId, String)> {
    let meters = |hold: &'a Hold| hold.usages.iter().map(|held| (hold.account, held.tariff.meter.clone()));
    holds.into_iter().flat_map(meters).collect()
}

/// The carries in `rows`, by account.
pub(super) fn carries_by_account(
    rows: Vec<usage_carries::Model>,
) -> Result<BTreeMap<AccountId, Vec<(String, Carry)>>, StoreError> {
    let mut found: BTreeMap<AccountId, Vec<(String, Carry)>> = BTreeMap::new();
    for row in rows {
        let millionths = u32::try_from(row.millionths)
            .map_err(|problem| corrupt("usage_carries", "millionths", row.account_id, problem))?;
        let carry = Carry { millionths, uncovered: Credits::new(row.uncovered) };
        found.entry(AccountId::from_uuid(row.account_id)).or_default().push((row.meter, carry));
    }
    Ok(found)
}
