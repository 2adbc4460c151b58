//! Plans and packs.

use billing_core::catalog::{
    ChangePolicy, CreditsInterval, Interval, Pack, PackPrices, Plan, PlanPrices, RolloverMode, RolloverPolicy,
};
use billing_core::payments::Channel;
use billing_core::requests::{PackDraft, PlanDraft};
use billing_core::values::{Credits, Currency};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::problem::Problem;
use crate::request::Whole;

/// The channels with their own fields in the documents.
const STRIPE: Channel = Channel::named("stripe");
const CREEM: Channel = Channel::named("creem");

/// A plan for customers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OfferedPlan {
    id: String,
    slug: String,
    name: String,
    description: String,
    /// In minor units.
    price_monthly: i64,
    /// In minor units; null without yearly billing.
    price_yearly: Option<i64>,
    currency: String,
    /// The available values of `interval`, with prices.
    prices: Vec<PriceView>,
    credits_included: i64,
    /// `monthly`, or once `per_period`.
    credits_interval: String,
    features: Vec<String>,
    trial_days: u32,
}

/// The price of one period.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PriceView {
    interval: String,
    /// In minor units.
    amount: i64,
}

/// What happens to a period's credits when it ends.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RolloverBody {
    /// `expire`, `roll_over` or `keep`.
    mode: String,
    /// The most credits that may roll over.
    cap: Option<i64>,
}

/// A plan as submitted by an operator.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PlanBody {
    slug: String,
    name: String,
    #[serde(default)]
    description: String,
    /// In minor units.
    price_monthly: Whole,
    /// In minor units.
    price_yearly: Option<Whole>,
    /// ISO 4217.
    currency: String,
    #[serde(default)]
    credits_included: Whole,
    /// `monthly` (default) or `per_period`.
    credits_interval: Option<String>,
    #[serde(default)]
    features: Vec<String>,
    #[serde(default)]
    trial_days: u32,
    #[serde(default)]
    trial_credits: Whole,
    stripe_price_id_monthly: Option<String>,
    stripe_price_id_yearly: Option<String>,
    creem_product_id: Option<String>,
    creem_product_id_yearly: Option<String>,
    rollover: Option<RolloverBody>,
    /// `none` (default), `prorate` or `reset_billing_anchor`.
    change_policy: Option<String>,
    public: Option<bool>,
    active: Option<bool>,
}

/// A plan for operators.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PlanView {
    id: String,
    slug: String,
    name: String,
    description: String,
    price_monthly: i64,
    price_yearly: Option<i64>,
    currency: String,
    credits_included: i64,
    credits_interval: String,
    features: Vec<String>,
    trial_days: u32,
    trial_credits: i64,
    stripe_price_id_monthly: Option<String>,
    stripe_price_id_yearly: Option<String>,
    creem_product_id: Option<String>,
    creem_product_id_yearly: Option<String>,
    rollover: RolloverBody,
    change_policy: String,
    public: bool,
    active: bool,
    version: i64,
}

/// A pack as submitted by an operator.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PackBody {
    slug: String,
    name: String,
    /// In minor units.
    price: Whole,
    /// ISO 4217.
    currency: String,
    credits: Whole,
    #[serde(default)]
    bonus_credits: Whole,
    expires_after_days: Option<u32>,
    creem_product_id: Option<String>,
    /// True by default.
    active: Option<bool>,
}

/// A pack.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PackView {
    id: String,
    slug: String,
    name: String,
    /// In minor units.
    price: i64,
    currency: String,
    credits: i64,
    bonus_credits: i64,
    expires_after_days: Option<u32>,
    creem_product_id: Option<String>,
    active: bool,
    version: i64,
}

impl From<Plan> for OfferedPlan {
    fn from(plan: Plan) -> Self {
        let prices = Interval::ALL.iter().filter_map(|interval| {
            let price = plan.price(*interval)?;
            Some(PriceView { interval: interval.to_string(), amount: price.minor })
        });
        Self {
            prices: prices.collect(),
            id: plan.id.to_string(),
            slug: plan.slug,
            name: plan.name,
            description: plan.description,
            price_monthly: plan.price_monthly,
            price_yearly: plan.price_yearly,
            currency: plan.currency.to_string(),
            credits_included: plan.credits_included.get(),
            credits_interval: plan.credits_interval.to_string(),
            features: plan.features,
            trial_days: plan.trial_days,
        }
    }
}

impl PlanBody {
    /// The draft of this body.
    pub(crate) fn into_draft(self) -> Result<PlanDraft, Problem> {
        let rollover = self.rollover.unwrap_or(RolloverBody { mode: "expire".to_owned(), cap: None });
        Ok(PlanDraft {
            currency: currency(&self.currency)?,
            credits_interval: match self.credits_interval {
                Some(text) => {
                    text.parse().map_err(|problem| Problem::invalid("credits_interval", problem))?
                }
                None => CreditsInterval::Monthly,
            },
            rollover: RolloverPolicy {
                mode: rollover
                    .mode
                    .parse::<RolloverMode>()
                    .map_err(|problem| Problem::invalid("rollover.mode", problem))?,
                cap: rollover.cap.map(Credits::new),
            },
            change_policy: match self.change_policy {
                Some(text) => text.parse().map_err(|problem| Problem::invalid("change_policy", problem))?,
                None => ChangePolicy::None,
            },
            slug: self.slug,
            name: self.name,
            description: self.description,
            price_monthly: self.price_monthly.0,
            price_yearly: self.price_yearly.map(|price| price.0),
            credits_included: Credits::new(self.credits_included.0),
            features: self.features,
            trial_days: self.trial_days,
            trial_credits: Credits::new(self.trial_credits.0),
            prices: PlanPrices::default()
                .with(STRIPE, Interval::Monthly, self.stripe_price_id_monthly)
                .with(STRIPE, Interval::Yearly, self.stripe_price_id_yearly)
                .with(CREEM, Interval::Monthly, self.creem_product_id)
                .with(CREEM, Interval::Yearly, self.creem_product_id_yearly),
            public: self.public.unwrap_or(true),
            active: self.active.unwrap_or(true),
        })
    }
}

impl From<Plan> for PlanView {
    fn from(plan: Plan) -> Self {
        let price = |channel, interval| plan.prices.get(channel, interval).map(str::to_owned);
        Self {
            id: plan.id.to_string(),
            slug: plan.slug,
            name: plan.name,
            description: plan.description,
            price_monthly: plan.price_monthly,
            price_yearly: plan.price_yearly,
            currency: plan.currency.to_string(),
            credits_included: plan.credits_included.get(),
            credits_interval: plan.credits_interval.to_string(),
            features: plan.features,
            trial_days: plan.trial_days,
            trial_credits: plan.trial_credits.get(),
            stripe_price_id_monthly: price(STRIPE, Interval::Monthly),
            stripe_price_id_yearly: price(STRIPE, Interval::Yearly),
            creem_product_id: price(CREEM, Interval::Monthly),
            creem_product_id_yearly: price(CREEM, Interval::Yearly),
            rollover: RolloverBody {
                mode: plan.rollover.mode.to_string(),
                cap: plan.rollover.cap.map(Credits::get),
            },
            change_policy: plan.change_policy.to_string(),
            public: plan.public,
            active: plan.active,
            version: plan.version,
        }
    }
}

impl PackBody {
    /// The draft of this body.
    pub(crate) fn into_draft(self) -> Result<PackDraft, Problem> {
        Ok(PackDraft {
            currency: currency(&self.currency)?,
            slug: self.slug,
            name: self.name,
            price: self.price.0,
            credits: Credits::new(self.credits.0),
            bonus_credits: Credits::new(self.bonus_credits.0),
            expires_after_days: self.expires_after_days,
            prices: PackPrices::default().with(CREEM, self.creem_product_id),
            active: self.active.unwrap_or(true),
        })
    }
}

impl From<Pack> for PackView {
    fn from(pack: Pack) -> Self {
        Self {
            id: pack.id.to_string(),
            slug: pack.slug,
            name: pack.name,
            price: pack.price,
            currency: pack.currency.to_string(),
            credits: pack.credits.get(),
            bonus_credits: pack.bonus_credits.get(),
            expires_after_days: pack.expires_after_days,
            creem_product_id: pack.prices.get(CREEM).map(str::to_owned),
            active: pack.active,
            version: pack.version,
        }
    }
}

fn currency(code: &str) -> Result<Currency, Problem> {
    code.parse().map_err(|problem: billing_core::values::UnknownCurrency| {
        Problem::new("unknown_currency", problem.to_string()).with(serde_json::json!({ "field": "currency" }))
    })
}
