//! Reading the catalogue.

use async_trait::async_trait;
use billing_core::catalog::{Interval, Pack, Plan, RateCard, RateCardVersion};
use billing_core::ports::{CatalogReads, StoreError};
use billing_core::values::{PackId, PlanId};
use sea_orm::QueryOrder;
use sea_orm::entity::prelude::*;

use crate::SqlStore;
use crate::entity::{packs, plans, rate_card_versions, rate_cards, stripe_prices};
use crate::error::store_error;
use crate::row::{read_pack, read_plan, read_rate_card, read_rate_card_version};

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

    async fn rate_cards(&self) -> Result<Vec<RateCard>, StoreError> {
        let rows = rate_cards::Entity::find()
            .order_by_asc(rate_cards::Column::CreatedAt)
            .order_by_asc(rate_cards::Column::Id)
            .all(self.reader())
            .await
            .map_err(store_error)?;
        rows.into_iter().map(read_rate_card).collect()
    }

    async fn rate_card(&self, slug: &str) -> Result<Option<RateCard>, StoreError> {
        let found = rate_cards::Entity::find().filter(rate_cards::Column::Slug.eq(slug));
        let row = found.one(self.reader()).await.map_err(store_error)?;
        row.map(read_rate_card).transpose()
    }

    async fn rate_card_version(
        &self,
        slug: &str,
        number: u32,
    ) -> Result<Option<RateCardVersion>, StoreError> {
        let found = rate_card_versions::Entity::find_by_id((slug.to_owned(), i64::from(number)));
        let row = found.one(self.reader()).await.map_err(store_error)?;
        row.map(read_rate_card_version).transpose()
    }
}
