//! Current balances.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use billing_core::ledger::{AccountState, Balance, Loaded};
use billing_core::ports::{BalanceReads, StoreError};
use billing_core::values::AccountId;
use sea_orm::entity::prelude::*;

use super::among::among;
use super::carries::{carries, meters_of};
use super::load_live::{live_grants, open_holds};
use crate::SqlStore;
use crate::entity::balances;
use crate::error::store_error;
use crate::row::read_balance;
use crate::unit_of_work::snapshot;

#[async_trait]
impl BalanceReads for SqlStore {
    async fn balances(&self, accounts: &[AccountId]) -> Result<Vec<Option<Balance>>, StoreError> {
        let ids = accounts.iter().map(|account| account.uuid()).collect();
        let kept = kept_rows(self.balances_home(), &ids).await?;
        Ok(accounts.iter().map(|account| kept.get(account).cloned()).collect())
    }

    async fn states(&self, accounts: &[AccountId]) -> Result<Vec<Option<AccountState>>, StoreError> {
        let ids: BTreeSet<Uuid> = accounts.iter().map(|account| account.uuid()).collect();
        let states = snapshot(
            self.balances_home(),
            Box::new(move |read| {
                Box::pin(async move {
                    let kept = kept_rows(read, &ids).await?;
                    let mut live = live_grants(read, &ids).await?;
                    let mut open = open_holds(read, &ids).await?;
                    let mut carried = carries(read, &meters_of(open.values().flatten())).await?;
                    let states = kept.into_iter().map(|(id, balance)| {
                        let mut loaded = Loaded::new(balance);
                        loaded.grants = live.remove(&id).unwrap_or_default();
                        loaded.holds = open.remove(&id).unwrap_or_default();
                        loaded.carried = carried.remove(&id).unwrap_or_default();
                        (id, AccountState::from(loaded))
                    });
                    Ok(states.collect::<BTreeMap<_, _>>())
                })
            }),
        )
        .await?;
        Ok(accounts.iter().map(|account| states.get(account).cloned()).collect())
    }
}

/// The balance rows of `accounts`, as far as they exist.
async fn kept_rows(
    read: &impl ConnectionTrait,
    accounts: &BTreeSet<Uuid>,
) -> Result<BTreeMap<AccountId, Balance>, StoreError> {
    let find = balances::Entity::find().filter(among(read, balances::Column::AccountId, accounts));
    let rows = find.all(read).await.map_err(store_error)?;
    rows.iter().map(|row| Ok((AccountId::from_uuid(row.account_id), read_balance(row)?))).collect()
}

/// The balance row of one account.
pub(super) async fn kept_row(
    read: &impl ConnectionTrait,
    account: Uuid,
) -> Result<Option<Balance>, StoreError> {
    Ok(kept_rows(read, &BTreeSet::from([account])).await?.into_values().next())
}
