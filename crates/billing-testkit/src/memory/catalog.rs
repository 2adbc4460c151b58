//! Reads of the catalogue.

use async_trait::async_trait;
use billing_core::catalog::{Pack, Plan, PricedItem, Quote, RateCard, RateCardVersion};
use billing_core::checkin::CheckInConfig;
use billing_core::coupons::Coupon;
use billing_core::payments::Channel;
use billing_core::ports::{CatalogReads, CouponRef, StoreError};
use billing_core::values::{PackId, PlanId};

use super::MemoryStore;

#[async_trait]
impl CatalogReads for MemoryStore {
    async fn plans(&self) -> Result<Vec<Plan>, StoreError> {
        let mut plans: Vec<_> = self.lock().cold.plans.values().cloned().collect();
        plans.sort_by_key(|plan| (plan.created_at, plan.id));
        Ok(plans)
    }

    async fn plan(&self, id: PlanId) -> Result<Option<Plan>, StoreError> {
        Ok(self.lock().cold.plans.get(&id).cloned())
    }

    async fn priced_item(&self, channel: Channel, reference: &str) -> Result<Option<PricedItem>, StoreError> {
        Ok(self.lock().cold.priced_items.get(&(channel, reference.to_owned())).copied())
    }

    async fn packs(&self) -> Result<Vec<Pack>, StoreError> {
        let mut packs: Vec<_> = self.lock().cold.packs.values().cloned().collect();
        packs.sort_by_key(|pack| (pack.created_at, pack.id));
        Ok(packs)
    }

    async fn pack(&self, id: PackId) -> Result<Option<Pack>, StoreError> {
        Ok(self.lock().cold.packs.get(&id).cloned())
    }

    async fn coupons(&self) -> Result<Vec<Coupon>, StoreError> {
        let mut coupons: Vec<_> = self.lock().cold.coupons.values().cloned().collect();
        coupons.sort_by_key(|coupon| (coupon.created_at, coupon.id));
        Ok(coupons)
    }

    async fn coupon(&self, which: CouponRef<'_>) -> Result<Option<Coupon>, StoreError> {
        let is = |coupon: &&Coupon| match which {
            CouponRef::Id(id) => coupon.id == id,
            CouponRef::Code(code) => coupon.code == *code,
        };
        Ok(self.lock().cold.coupons.values().find(is).cloned())
    }

    async fn rate_cards(&self) -> Result<Vec<RateCard>, StoreError> {
        let mut cards: Vec<_> = self.lock().cold.rate_cards.values().cloned().collect();
        cards.sort_by_key(|card| (card.created_at, card.id));
        Ok(cards)
    }

    async fn rate_card(&self, slug: &str) -> Result<Option<RateCard>, StoreError> {
        Ok(self.lock().cold.rate_cards.values().find(|card| card.slug == slug).cloned())
    }

    async fn rate_card_version(
        &self,
        slug: &str,
        number: u32,
    ) -> Result<Option<RateCardVersion>, StoreError> {
        let quote = Quote { card: slug.to_owned(), version: number };
        Ok(self.lock().cold.rate_card_versions.get(&quote).cloned())
    }

    async fn check_in_config(&self) -> Result<CheckInConfig, StoreError> {
        Ok(self.lock().cold.check_in_config.clone())
    }
}
