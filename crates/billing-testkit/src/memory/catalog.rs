//! Reading what is on sale.

use async_trait::async_trait;
use billing_core::catalog::{Pack, Plan, PricedItem, Quote, RateCard, RateCardVersion};
use billing_core::payments::Channel;
use billing_core::ports::{CatalogReads, StoreError};
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
}
