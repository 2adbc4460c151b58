//! The catalogue: methods of the facade.

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
    /// All plans, oldest first.
    ///
    /// # Errors
    ///
    /// [`BillingError::Store`]; safe to retry.
    pub async fn plans(&self) -> Result<Vec<Plan>, BillingError> {
        Ok(self.ports.store.catalog.plans().await?)
    }

    /// Publishes a new plan, or replaces the one with `id`.
    ///
    /// # Errors
    ///
    /// [`BillingError::Catalog`] says what is invalid; [`BillingError::NotFound`].
    pub async fn publish_plan(&self, id: Option<PlanId>, draft: &PlanDraft) -> Result<Plan, BillingError> {
        use_cases::publish_plan::publish_plan(&self.ports, id, draft).await
    }

    /// All packs, oldest first.
    ///
    /// # Errors
    ///
    /// [`BillingError::Store`]; safe to retry.
    pub async fn packs(&self) -> Result<Vec<Pack>, BillingError> {
        Ok(self.ports.store.catalog.packs().await?)
    }

    /// Publishes a new pack, or replaces the one with `id`.
    ///
    /// # Errors
    ///
    /// [`BillingError::Catalog`] says what is invalid; [`BillingError::NotFound`].
    pub async fn publish_pack(&self, id: Option<PackId>, draft: &PackDraft) -> Result<Pack, BillingError> {
        use_cases::publish_pack::publish_pack(&self.ports, id, draft).await
    }

    /// All rate cards, oldest first, each with the version in force, or with its first one if that is not in force
    /// yet.
    ///
    /// # Errors
    ///
    /// [`BillingError::Store`]; safe to retry.
    pub async fn rate_cards(&self) -> Result<Vec<ShownRateCard>, BillingError> {
        use_cases::read_rate_cards::read_rate_cards(&self.ports).await
    }

    /// The rate card with this slug, in the form of [`rate_cards`](Self::rate_cards).
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
    /// [`BillingError::Catalog`] says what is invalid, or that the slug is taken.
    pub async fn create_rate_card(&self, draft: &RateCardDraft) -> Result<ShownRateCard, BillingError> {
        use_cases::publish_rate_card::publish_rate_card(&self.ports, true, draft).await
    }

    /// Changes the rate card with the draft's slug. Rates that differ become a new version.
    ///
    /// # Errors
    ///
    /// [`BillingError::Catalog`] says what is invalid; [`BillingError::NotFound`].
    pub async fn change_rate_card(&self, draft: &RateCardDraft) -> Result<ShownRateCard, BillingError> {
        use_cases::publish_rate_card::publish_rate_card(&self.ports, false, draft).await
    }

    /// The current price of several usages of one account, one after the other. Nothing is charged. Monthly tiers
    /// continue from the account's usage of the month; without an account they start at the month's first unit.
    ///
    /// # Errors
    ///
    /// [`BillingError::Rating`] says what no card prices; [`BillingError::Store`]: safe to retry.
    pub async fn quote(
        &self,
        account: Option<&ExternalId>,
        usages: &[PriceUsage],
    ) -> Result<QuotedUsage, BillingError> {
        use_cases::quote_usage::quote_usage(&self.ports, account, usages).await
    }

    /// The catalogue in the form of a file: applied again, it changes nothing.
    ///
    /// # Errors
    ///
    /// [`BillingError::Store`]; safe to retry.
    pub async fn export_catalog(&self) -> Result<CatalogDraft, BillingError> {
        use_cases::export_catalog::export_catalog(&self.ports).await
    }

    /// Creates and changes plans, packs and rate cards by their slugs until they match `wanted`: all or nothing, and
    /// nothing if `dry_run`. Items that `wanted` does not contain stay as they are.
    ///
    /// # Errors
    ///
    /// [`BillingError::Catalog`] names the first invalid field by its path, such as `plans[2].price_monthly`;
    /// [`BillingError::Store`]: safe to retry.
    pub async fn apply_catalog(
        &self,
        wanted: &CatalogDraft,
        dry_run: bool,
    ) -> Result<AppliedCatalog, BillingError> {
        use_cases::apply_catalog::apply_catalog(&self.ports, wanted, dry_run).await
    }
}
