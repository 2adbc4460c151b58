//! The catalogue, as methods of the facade.

use super::Billing;
use crate::BillingError;
use crate::accounts::ExternalId;
use crate::catalog::{Pack, Plan, RateCardDraft};
use crate::use_cases::{
    self, AppliedCatalog, CatalogDraft, PackDraft, PlanDraft, PriceUsage, QuotedUsage, ShownRateCard,
};
use crate::values::{PackId, PlanId};

/// The catalogue.
impl Billing {
    /// All plans, in the order in which they were made.
    ///
    /// # Errors
    ///
    /// [`BillingError::Store`]; may be tried again.
    pub async fn plans(&self) -> Result<Vec<Plan>, BillingError> {
        Ok(self.ports.store.catalog.plans().await?)
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
        Ok(self.ports.store.catalog.packs().await?)
    }

    /// Puts a new pack on sale, or replaces the one with `id`.
    ///
    /// # Errors
    ///
    /// [`BillingError::Catalog`] says what is wrong with it; [`BillingError::NotFound`].
    pub async fn publish_pack(&self, id: Option<PackId>, draft: &PackDraft) -> Result<Pack, BillingError> {
        use_cases::publish_pack::publish_pack(&self.ports, id, draft).await
    }

    /// All rate cards, in the order in which they were made, each with the version in force, or before its
    /// first one with that.
    ///
    /// # Errors
    ///
    /// [`BillingError::Store`]; may be tried again.
    pub async fn rate_cards(&self) -> Result<Vec<ShownRateCard>, BillingError> {
        use_cases::read_rate_cards::read_rate_cards(&self.ports).await
    }

    /// The rate card with this slug, as [`rate_cards`](Self::rate_cards) shows it.
    ///
    /// # Errors
    ///
    /// [`BillingError::NotFound`]; [`BillingError::Store`]: may be tried again.
    pub async fn rate_card(&self, slug: &str) -> Result<ShownRateCard, BillingError> {
        use_cases::read_rate_cards::read_rate_card(&self.ports, slug).await
    }

    /// One version of the rate card with this slug.
    ///
    /// # Errors
    ///
    /// As [`rate_card`](Self::rate_card).
    pub async fn rate_card_version(&self, slug: &str, number: u32) -> Result<ShownRateCard, BillingError> {
        use_cases::read_rate_cards::read_rate_card_version(&self.ports, slug, number).await
    }

    /// Publishes a new rate card.
    ///
    /// # Errors
    ///
    /// [`BillingError::Catalog`] says what is wrong with it, or that its slug is taken.
    pub async fn create_rate_card(&self, draft: &RateCardDraft) -> Result<ShownRateCard, BillingError> {
        use_cases::publish_rate_card::publish_rate_card(&self.ports, true, draft).await
    }

    /// Changes the rate card with the draft's slug. Rates that differ become a new version.
    ///
    /// # Errors
    ///
    /// [`BillingError::Catalog`] says what is wrong with it; [`BillingError::NotFound`].
    pub async fn change_rate_card(&self, draft: &RateCardDraft) -> Result<ShownRateCard, BillingError> {
        use_cases::publish_rate_card::publish_rate_card(&self.ports, false, draft).await
    }

    /// What several usages of one account cost now, one after the other. Nothing is taken. Tiers of a month go on from what
    /// `account` has used in it; without an account they begin at the month's first unit.
    ///
    /// # Errors
    ///
    /// [`BillingError::Rating`] says what no card knows; [`BillingError::Store`]: may be tried again.
    pub async fn quote(
        &self,
        account: Option<&ExternalId>,
        usages: &[PriceUsage],
    ) -> Result<QuotedUsage, BillingError> {
        use_cases::quote_usage::quote_usage(&self.ports, account, usages).await
    }

    /// Plans, packs and rate cards as a file would have to say them: applied again, it changes nothing.
    ///
    /// # Errors
    ///
    /// [`BillingError::Store`]; may be tried again.
    pub async fn export_catalog(&self) -> Result<CatalogDraft, BillingError> {
        use_cases::export_catalog::export_catalog(&self.ports).await
    }

    /// Makes and changes plans, packs and rate cards by their slugs until everything in `wanted` is so: all
    /// of it or nothing, and nothing at all if `dry_run`. What it does not speak of stays as it is.
    ///
    /// # Errors
    ///
    /// [`BillingError::Catalog`] names the first field that is off by its place, such as
    /// `plans[2].price_monthly`; [`BillingError::Store`]: may be tried again.
    pub async fn apply_catalog(
        &self,
        wanted: &CatalogDraft,
        dry_run: bool,
    ) -> Result<AppliedCatalog, BillingError> {
        use_cases::apply_catalog::apply_catalog(&self.ports, wanted, dry_run).await
    }
}
