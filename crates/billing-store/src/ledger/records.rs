//! Reading single things that the ledger keeps.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use billing_core::catalog::MonthKey;
use billing_core::ledger::{Entry, Grant, Hold, UsageRecord};
use billing_core::ports::{LedgerRecords, StoreError};
use billing_core::values::{AccountId, EntryId, GrantId, HoldId, UsageId};
use rust_decimal::Decimal;
use sea_orm::entity::prelude::{ColumnTrait, EntityTrait, QueryFilter};

use super::burning_grant::find_grants;
use super::load_live::with_slices;
use super::months::month_units;
use crate::SqlStore;
use crate::entity::{entries, grants, holds, usages};
use crate::error::store_error;
use crate::row::{read_entry, read_grant, read_usage};
use crate::unit_of_work::snapshot;

#[async_trait]
impl LedgerRecords for SqlStore {
    async fn entry(&self, id: EntryId) -> Result<Option<Entry>, StoreError> {
        let row = entries::Entity::find().filter(entries::Column::Id.eq(id.uuid())).one(self.reader());
        row.await.map_err(store_error)?.map(read_entry).transpose()
    }

    async fn grant(&self, id: GrantId) -> Result<Option<Grant>, StoreError> {
        let row = find_grants().filter(grants::Column::Id.eq(id.uuid())).one(self.reader());
        row.await.map_err(store_error)?.map(read_grant).transpose()
    }

    async fn usage_record(&self, id: UsageId) -> Result<Option<UsageRecord>, StoreError> {
        let row = usages::Entity::find().filter(usages::Column::Id.eq(id.uuid())).one(self.reader());
        row.await.map_err(store_error)?.map(read_usage).transpose()
    }

    async fn month_units(
        &self,
        account: AccountId,
        keys: &BTreeSet<MonthKey>,
    ) -> Result<BTreeMap<MonthKey, Decimal>, StoreError> {
        let keys = keys.iter().map(|key| (account, key.clone())).collect();
        let found = month_units(self.reader(), &keys).await?;
        Ok(found.into_iter().map(|(_, key, units)| (key, units)).collect())
    }

    async fn hold(&self, id: HoldId) -> Result<Option<Hold>, StoreError> {
        snapshot(
            self.reader(),
            Box::new(move |read| {
                Box::pin(async move {
                    let row = holds::Entity::find().filter(holds::Column::Id.eq(id.uuid())).one(read);
                    let rows: Vec<_> = row.await.map_err(store_error)?.into_iter().collect();
                    let found = with_slices(read, rows).await?;
                    Ok(found.into_values().flatten().next())
                })
            }),
        )
        .await
    }
}
