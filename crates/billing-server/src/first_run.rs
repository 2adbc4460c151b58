//! The data of a first start: an operator key, and sample plans and packs.

use anyhow::Context;
use billing_core::catalog::{
    CatalogRefusal, ChangePolicy, CreditsInterval, PackPrices, PlanPrices, RolloverMode, RolloverPolicy,
};
use billing_core::credentials::KeyText;
use billing_core::requests::{PackDraft, PlanDraft};
use billing_core::values::Credits;
use billing_core::{Billing, BillingError};

use crate::ids::random_bytes;

/// Creates an operator key, unless there was one before or a bootstrap key is configured.
pub(crate) async fn operator_key(billing: &Billing, brings_key: bool) -> anyhow::Result<Option<KeyText>> {
    if brings_key {
        return Ok(None);
    }
    let made = billing.create_first_key("operator", random_bytes()?).await;
    Ok(made.context("the operator key cannot be made")?.map(|made| made.text))
}

/// Creates the sample catalogue, if there is none. Several processes may do so concurrently; items created by another
/// process are kept.
pub(crate) async fn sandbox_catalogue(billing: &Billing) -> anyhow::Result<()> {
    let (plans, packs) = (plans()?, packs()?);
    let (known_plans, known_packs) = (billing.plans().await?, billing.packs().await?);
    let ours = known_plans.iter().all(|known| plans.iter().any(|plan| plan.slug == known.slug))
        && known_packs.iter().all(|known| packs.iter().any(|pack| pack.slug == known.slug));
    // An operator with an own catalogue needs no samples.
    if !ours {
        return Ok(());
    }
    for plan in plans.iter().filter(|plan| !known_plans.iter().any(|known| known.slug == plan.slug)) {
        unless_taken(billing.publish_plan(None, plan).await).context("a sandbox plan cannot be made")?;
    }
    for pack in packs.iter().filter(|pack| !known_packs.iter().any(|known| known.slug == pack.slug)) {
        unless_taken(billing.publish_pack(None, pack).await).context("a sandbox pack cannot be made")?;
    }
    Ok(())
}

fn unless_taken<T>(published: Result<T, BillingError>) -> Result<(), BillingError> {
    match published {
        Ok(_) | Err(BillingError::Catalog(CatalogRefusal::SlugTaken { .. })) => Ok(()),
        Err(error) => Err(error),
    }
}

fn plans() -> anyhow::Result<Vec<PlanDraft>> {
    let currency = "USD".parse()?;
    let plan = |slug: &str, name: &str, description: &str, monthly: i64, credits: i64, features: &[&str]| {
        PlanDraft {
            slug: slug.to_owned(),
            name: name.to_owned(),
            description: description.to_owned(),
            price_monthly: monthly,
            price_yearly: Some(monthly.saturating_mul(10)),
            currency,
            credits_included: Credits::new(credits),
            credits_interval: CreditsInterval::Monthly,
            features: features.iter().map(|feature| (*feature).to_owned()).collect(),
            trial_days: 0,
            trial_credits: Credits::ZERO,
            prices: PlanPrices::default(),
            rollover: RolloverPolicy { mode: RolloverMode::Expire, cap: None },
            change_policy: ChangePolicy::None,
            public: true,
            active: true,
        }
    };
    Ok(vec![
        plan("starter", "Starter", "For trying things out", 499, 2_000, &["2,000 credits a month"]),
        plan("pro", "Pro", "For growing teams", 999, 10_000, &["10,000 credits a month", "Priority support"]),
    ])
}

fn packs() -> anyhow::Result<Vec<PackDraft>> {
    let currency = "USD".parse()?;
    let pack = |slug: &str, name: &str, price: i64, credits: i64, bonus: i64| PackDraft {
        slug: slug.to_owned(),
        name: name.to_owned(),
        price,
        currency,
        credits: Credits::new(credits),
        bonus_credits: Credits::new(bonus),
        expires_after_days: None,
        prices: PackPrices::default(),
        active: true,
    };
    Ok(vec![
        pack("small", "1,000 credits", 500, 1_000, 0),
        pack("large", "5,000 credits and 500 on top", 2_000, 5_000, 500),
    ])
}
