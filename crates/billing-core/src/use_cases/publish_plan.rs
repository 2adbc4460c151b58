//! Publishes plans.

use super::provider_prices::check_plan_prices;
use super::retry::retry;
use crate::BillingError;
use crate::billing::Ports;
use crate::catalog::{CatalogRefusal, ChangePolicy, CreditsInterval, Plan, PlanPrices, RolloverPolicy};
use crate::changes::Changes;
use crate::values::{Credits, Currency, PlanId};

/// A plan as submitted by an operator.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is the plan's own of the same name, documented there")]
pub struct PlanDraft {
    pub slug: String,
    pub name: String,
    pub description: String,
    pub price_monthly: i64,
    pub price_yearly: Option<i64>,
    pub currency: Currency,
    pub credits_included: Credits,
    pub credits_interval: CreditsInterval,
    pub features: Vec<String>,
    pub trial_days: u32,
    pub trial_credits: Credits,
    pub prices: PlanPrices,
    pub rollover: RolloverPolicy,
    pub change_policy: ChangePolicy,
    pub public: bool,
    pub active: bool,
}

/// Publishes a new plan, or replaces the one with `id`.
pub(crate) async fn publish_plan(
    ports: &Ports,
    id: Option<PlanId>,
    draft: &PlanDraft,
) -> Result<Plan, BillingError> {
    retry(ports, || async move {
        let now = ports.clock.now();
        let plans = ports.store.catalog.plans().await?;
        let known = match id {
            Some(id) => {
                let found = plans.iter().find(|plan| plan.id == id);
                Some(found.ok_or_else(|| BillingError::not_found("plan", id))?)
            }
            None => None,
        };
        let mut plan = draft.to_plan(
            known.map_or_else(|| PlanId::new(&*ports.ids), |plan| plan.id),
            known.map_or(now, |plan| plan.created_at),
            known.map_or(0, |plan| plan.version),
        );
        plan.check()?;
        if plans.iter().any(|other| other.id != plan.id && other.slug == plan.slug) {
            return Err(CatalogRefusal::SlugTaken { slug: plan.slug }.into());
        }
        check_plan_prices(ports, &plan).await?;
        let changes = Changes { plans: vec![plan.clone()], ..Changes::default() };
        ports.store.writer.commit(changes, now).await?;
        plan.version = plan.version.saturating_add(1);
        Ok(plan)
    })
    .await
}

impl PlanDraft {
    pub(super) fn to_plan(&self, id: PlanId, created_at: crate::values::Timestamp, version: i64) -> Plan {
        let draft = self.clone();
        Plan {
            id,
            slug: draft.slug,
            name: draft.name,
            description: draft.description,
            price_monthly: draft.price_monthly,
            price_yearly: draft.price_yearly,
            currency: draft.currency,
            credits_included: draft.credits_included,
            credits_interval: draft.credits_interval,
            features: draft.features,
            trial_days: draft.trial_days,
            trial_credits: draft.trial_credits,
            prices: draft.prices,
            rollover: draft.rollover,
            change_policy: draft.change_policy,
            public: draft.public,
            active: draft.active,
            created_at,
            version,
        }
    }
}

impl From<&Plan> for PlanDraft {
    fn from(plan: &Plan) -> Self {
        let plan = plan.clone();
        Self {
            slug: plan.slug,
            name: plan.name,
            description: plan.description,
            price_monthly: plan.price_monthly,
            price_yearly: plan.price_yearly,
            currency: plan.currency,
            credits_included: plan.credits_included,
            credits_interval: plan.credits_interval,
            features: plan.features,
            trial_days: plan.trial_days,
            trial_credits: plan.trial_credits,
            prices: plan.prices,
            rollover: plan.rollover,
            change_policy: plan.change_policy,
            public: plan.public,
            active: plan.active,
        }
    }
}
