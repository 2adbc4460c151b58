//! Reading what is on sale.

use async_trait::async_trait;
use billing_core::catalog::{Interval, Pack, Plan};
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

    async fn plan_by_stripe_price(&self, price: &str) -> Result<Option<(Plan, Interval)>, StoreError> {
        let state = self.lock();
        let mut plans = state.cold.plans.values();
        Ok(plans.find_map(|plan| Some((plan.clone(), plan.interval_of_stripe_price(price)?))))
    }

    async fn packs(&self) -> Result<Vec<Pack>, StoreError> {
        let mut packs: Vec<_> = self.lock().cold.packs.values().cloned().collect();
        packs.sort_by_key(|pack| (pack.created_at, pack.id));
        Ok(packs)
    }

    async fn pack(&self, id: PackId) -> Result<Option<Pack>, StoreError> {
        Ok(self.lock().cold.packs.get(&id).cloned())
    }
}
