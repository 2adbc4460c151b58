//! The catalogue, as methods of the facade.

use super::Billing;
use crate::BillingError;
use crate::catalog::{Pack, Plan};
use crate::use_cases::{self, PackDraft, PlanDraft};
use crate::values::{PackId, PlanId};

/// The catalogue.
impl Billing {
    /// All plans, in the order in which they were made.
    ///
    /// # Errors
    ///
    /// [`BillingError::Store`]; may be tried again.
    pub async fn plans(&self) -> Result<Vec<Plan>, BillingError> {
        Ok(self.ports.catalog.plans().await?)
    }

    /// Puts a new plan on sale, or replaces the one with `id`.
    ///
    /// # Errors
    ///
    /// [`BillingError::Catalog`] says what is wrong with it; [`BillingError::NotFound`].
    pub async fn publish_plan(&self, id: Option<PlanId>, draft: &PlanDraft) -> Result<Plan, BillingError> {
        use_cases::publish_plan::publish_plan(&self.ports, id, draft).await
    }

    /// All packs, in the order in which they were made.
    ///
    /// # Errors
    ///
    /// [`BillingError::Store`]; may be tried again.
    pub async fn packs(&self) -> Result<Vec<Pack>, BillingError> {
        Ok(self.ports.catalog.packs().await?)
    }

    /// Puts a new pack on sale, or replaces the one with `id`.
    ///
    /// # Errors
    ///
    /// [`BillingError::Catalog`] says what is wrong with it; [`BillingError::NotFound`].
    pub async fn publish_pack(&self, id: Option<PackId>, draft: &PackDraft) -> Result<Pack, BillingError> {
        use_cases::publish_pack::publish_pack(&self.ports, id, draft).await
    }
}
