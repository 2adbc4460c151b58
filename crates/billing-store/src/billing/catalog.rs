//! Reading the catalogue.

use async_trait::async_trait;
use billing_core::catalog::{Interval, Pack, Plan};
use billing_core::ports::{CatalogReads, StoreError};
use billing_core::values::{PackId, PlanId};
use sea_orm::QueryOrder;
use sea_orm::entity::prelude::*;

use crate::SqlStore;
use crate::entity::{packs, plans, stripe_prices};
use crate::error::store_error;
use crate::row::{read_pack, read_plan};

#[async_trait]
impl CatalogReads for SqlStore {
    async fn plans(&self) -> Result<Vec<Plan>, StoreError> {
        let rows = plans::Entity::find()
            .order_by_asc(plans::Column::CreatedAt)
            .order_by_asc(plans::Column::Id)
            .all(self.reader())
            .await
            .map_err(store_error)?;
        rows.into_iter().map(read_plan).collect()
    }

    async fn plan(&self, id: PlanId) -> Result<Option<Plan>, StoreError> {
        let row = plans::Entity::find_by_id(id.uuid()).one(self.reader()).await.map_err(store_error)?;
        row.map(read_plan).transpose()
    }

    async fn plan_by_stripe_price(&self, price: &str) -> Result<Option<(Plan, Interval)>, StoreError> {
        let known = stripe_prices::Entity::find_by_id(price).one(self.reader()).await.map_err(store_error)?;
        let Some(known) = known else { return Ok(None) };
        let Some(plan) = self.plan(PlanId::from_uuid(known.plan_id)).await? else { return Ok(None) };
        Ok(plan.interval_of_stripe_price(price).map(|interval| (plan, interval)))
    }

    async fn packs(&self) -> Result<Vec<Pack>, StoreError> {
        let rows = packs::Entity::find()
            .order_by_asc(packs::Column::CreatedAt)
            .order_by_asc(packs::Column::Id)
            .all(self.reader())
            .await
            .map_err(store_error)?;
        rows.into_iter().map(read_pack).collect()
    }

    async fn pack(&self, id: PackId) -> Result<Option<Pack>, StoreError> {
        let row = packs::Entity::find_by_id(id.uuid()).one(self.reader()).await.map_err(store_error)?;
        row.map(read_pack).transpose()
    }
}
