//! Reading the catalogue.

use async_trait::async_trait;
use billing_core::catalog::{Pack, Plan, PricedItem, RateCard, RateCardVersion};
use billing_core::payments::Channel;
use billing_core::ports::{CatalogReads, StoreError};
use billing_core::values::{PackId, PlanId};
use sea_orm::entity::prelude::*;
use sea_orm::{Condition, QueryOrder};

use super::provider_prices::{find, of_packs, of_plans};
use crate::SqlStore;
use crate::entity::{packs, plans, provider_prices, rate_card_versions, rate_cards};
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
        let every = Condition::all().add(provider_prices::Column::PlanId.is_not_null());
        let mut prices = of_plans(self.reader(), every).await?;
        let with_prices = |row: plans::Model| {
            let own = prices.remove(&PlanId::from_uuid(row.id)).unwrap_or_default();
            read_plan(row, own)
        };
        rows.into_iter().map(with_prices).collect()
    }

    async fn plan(&self, id: PlanId) -> Result<Option<Plan>, StoreError> {
        let row = plans::Entity::find_by_id(id.uuid()).one(self.reader()).await.map_err(store_error)?;
        let Some(row) = row else { return Ok(None) };
        let own = Condition::all().add(provider_prices::Column::PlanId.eq(id.uuid()));
        let prices = of_plans(self.reader(), own).await?.remove(&id).unwrap_or_default();
        read_plan(row, prices).map(Some)
    }

    async fn priced_item(&self, channel: Channel, reference: &str) -> Result<Option<PricedItem>, StoreError> {
        find(self.reader(), channel, reference).await
    }

    async fn packs(&self) -> Result<Vec<Pack>, StoreError> {
        let rows = packs::Entity::find()
            .order_by_asc(packs::Column::CreatedAt)
            .order_by_asc(packs::Column::Id)
            .all(self.reader())
            .await
            .map_err(store_error)?;
        let every = Condition::all().add(provider_prices::Column::PackId.is_not_null());
        let mut prices = of_packs(self.reader(), every).await?;
        let with_prices = |row: packs::Model| {
            let own = prices.remove(&PackId::from_uuid(row.id)).unwrap_or_default();
            read_pack(row, own)
        };
        rows.into_iter().map(with_prices).collect()
    }

    async fn pack(&self, id: PackId) -> Result<Option<Pack>, StoreError> {
        let row = packs::Entity::find_by_id(id.uuid()).one(self.reader()).await.map_err(store_error)?;
        let Some(row) = row else { return Ok(None) };
        let own = Condition::all().add(provider_prices::Column::PackId.eq(id.uuid()));
        let prices = of_packs(self.reader(), own).await?.remove(&id).unwrap_or_default();
        read_pack(row, prices).map(Some)
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
