//! Plans and packs in the file.

use billing_core::catalog::{
    ChangePolicy, CreditsInterval, Interval, PackPrices, PlanPrices, RolloverMode, RolloverPolicy,
};
use billing_core::requests::{PackDraft, PlanDraft};
use billing_core::values::{Credits, Currency};
use billing_creem::CHANNEL as CREEM;
use billing_stripe::CHANNEL as STRIPE;
use serde::Deserialize;

use super::rate_entries::RateCardEntry;

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CatalogFile {
    #[serde(default)]
    pub(super) plans: Vec<PlanEntry>,
    #[serde(default)]
    pub(super) packs: Vec<PackEntry>,
    #[serde(default)]
    pub(super) rate_cards: Vec<RateCardEntry>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PlanEntry {
    slug: String,
    name: String,
    #[serde(default)]
    description: String,
    price_monthly: i64,
    price_yearly: Option<i64>,
    currency: Currency,
    #[serde(default)]
    credits_included: i64,
    #[serde(default = "monthly")]
    credits_interval: CreditsInterval,
    #[serde(default)]
    features: Vec<String>,
    #[serde(default)]
    trial_days: u32,
    #[serde(default)]
    trial_credits: i64,
    stripe_price_id_monthly: Option<String>,
    stripe_price_id_yearly: Option<String>,
    creem_product_id: Option<String>,
    creem_product_id_yearly: Option<String>,
    #[serde(default)]
    rollover: RolloverEntry,
    #[serde(default = "no_change")]
    change_policy: ChangePolicy,
    #[serde(default = "yes")]
    public: bool,
    #[serde(default = "yes")]
    active: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RolloverEntry {
    mode: RolloverMode,
    cap: Option<i64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PackEntry {
    slug: String,
    name: String,
    price: i64,
    currency: Currency,
    credits: i64,
    #[serde(default)]
    bonus_credits: i64,
    expires_after_days: Option<u32>,
    creem_product_id: Option<String>,
    #[serde(default = "yes")]
    active: bool,
}

impl Default for RolloverEntry {
    fn default() -> Self {
        Self { mode: RolloverMode::Expire, cap: None }
    }
}

impl From<PlanEntry> for PlanDraft {
    fn from(plan: PlanEntry) -> Self {
        Self {
            slug: plan.slug,
            name: plan.name,
            description: plan.description,
            price_monthly: plan.price_monthly,
            price_yearly: plan.price_yearly,
            currency: plan.currency,
            credits_included: Credits::new(plan.credits_included),
            credits_interval: plan.credits_interval,
            features: plan.features,
            trial_days: plan.trial_days,
            trial_credits: Credits::new(plan.trial_credits),
            prices: PlanPrices::default()
                .with(STRIPE, Interval::Monthly, plan.stripe_price_id_monthly)
                .with(STRIPE, Interval::Yearly, plan.stripe_price_id_yearly)
                .with(CREEM, Interval::Monthly, plan.creem_product_id)
                .with(CREEM, Interval::Yearly, plan.creem_product_id_yearly),
            rollover: RolloverPolicy { mode: plan.rollover.mode, cap: plan.rollover.cap.map(Credits::new) },
            change_policy: plan.change_policy,
            public: plan.public,
            active: plan.active,
        }
    }
}

impl From<PackEntry> for PackDraft {
    fn from(pack: PackEntry) -> Self {
        Self {
            slug: pack.slug,
            name: pack.name,
            price: pack.price,
            currency: pack.currency,
            credits: Credits::new(pack.credits),
            bonus_credits: Credits::new(pack.bonus_credits),
            expires_after_days: pack.expires_after_days,
            prices: PackPrices::default().with(CREEM, pack.creem_product_id),
            active: pack.active,
        }
    }
}

pub(super) fn yes() -> bool {
    true
}

fn monthly() -> CreditsInterval {
    CreditsInterval::Monthly
}

fn no_change() -> ChangePolicy {
    ChangePolicy::None
}
