//! Reads of the catalogue.

use async_trait::async_trait;
use billing_core::catalog::{Pack, Plan, PricedItem, RateCard, RateCardVersion};
use billing_core::checkin::CheckInConfig;
use billing_core::coupons::Coupon;
use billing_core::payments::Channel;
use billing_core::ports::{CatalogReads, CouponRef, StoreError};
use billing_core::values::{PackId, PlanId};
use sea_orm::entity::prelude::*;
use sea_orm::{Condition, QueryOrder};

use super::provider_prices::{find, of_packs, of_plans};
use crate::SqlStore;
use crate::entity::{checkin_config, coupons, packs, plans, provider_prices, rate_card_versions, rate_cards};
use crate::error::store_error;
use crate::row::{read_config, read_coupon, read_pack, read_plan, read_rate_card, read_rate_card_version};

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

    async fn coupons(&self) -> Result<Vec<Coupon>, StoreError> {
        let query = coupons::Entity::find()
            .order_by_asc(coupons::Column::CreatedAt)
            .order_by_asc(coupons::Column::Id);
        self.all(query, |row| read_coupon(&row)).await
    }

    async fn coupon(&self, which: CouponRef<'_>) -> Result<Option<Coupon>, StoreError> {
        let query = match which {
            CouponRef::Id(id) => coupons::Entity::find_by_id(id.uuid()),
            CouponRef::Code(code) => coupons::Entity::find().filter(coupons::Column::Code.eq(code.as_str())),
        };
        self.one(query, |row| read_coupon(&row)).await
    }

    async fn rate_cards(&self) -> Result<Vec<RateCard>, StoreError> {
        let query = rate_cards::Entity::find()
            .order_by_asc(rate_cards::Column::CreatedAt)
            .order_by_asc(rate_cards::Column::Id);
        self.all(query, read_rate_card).await
    }

    async fn rate_card(&self, slug: &str) -> Result<Option<RateCard>, StoreError> {
        self.one(rate_cards::Entity::find().filter(rate_cards::Column::Slug.eq(slug)), read_rate_card).await
    }

    async fn rate_card_version(
        &self,
        slug: &str,
        number: u32,
    ) -> Result<Option<RateCardVersion>, StoreError> {
        let query = rate_card_versions::Entity::find_by_id((slug.to_owned(), i64::from(number)));
        self.one(query, read_rate_card_version).await
    }

    async fn check_in_config(&self) -> Result<CheckInConfig, StoreError> {
        Ok(self.one(checkin_config::Entity::find_by_id(1), read_config).await?.unwrap_or_default())
    }
}
