//! A subscription and its life.

use billing_core::account_billing::ShownSubscription;
use billing_core::payments::SubscriptionChange;
use billing_core::requests::PlanChangeResult;
use billing_core::values::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::problem::Problem;

/// A subscription.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SubscriptionView {
    id: String,
    /// `stripe`, `creem` or `sandbox`; `gift` where nobody collects.
    provider: String,
    /// The provider's own id of it; that of the gift.
    provider_id: String,
    plan_id: String,
    /// The plan's slug.
    plan: Option<String>,
    /// The slug of the plan that it renews as; null where that is the same.
    renews_as: Option<String>,
    /// `monthly` or `yearly`.
    interval: String,
    /// How many of the plan are paid; each brings its credits.
    quantity: u32,
    /// `trialing`, `active`, `past_due`, `unpaid`, `paused`, `incomplete`, `incomplete_expired` or `canceled`.
    status: String,
    current_period_start: Option<String>,
    current_period_end: Option<String>,
    /// Whether it ends with its period.
    cancel_at_period_end: bool,
    cancel_at: Option<String>,
    canceled_at: Option<String>,
    ended_at: Option<String>,
    trial_end: Option<String>,
    started_at: String,
}

/// How a subscription is to end.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CancelBody {
    /// Whose, for keys that are bound to no account.
    pub(crate) account_id: Option<String>,
    /// `period_end` (the default) or `now`.
    when: Option<String>,
}

/// Whose subscription.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResumeBody {
    /// Whose, for keys that are bound to no account.
    pub(crate) account_id: Option<String>,
}

/// Another plan.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangeBody {
    /// Whose, for keys that are bound to no account.
    pub(crate) account_id: Option<String>,
    pub(crate) plan_id: String,
    /// `monthly` or `yearly`; as before where it is not said.
    pub(crate) interval: Option<String>,
    /// Whether only to say what it would mean.
    #[serde(default)]
    pub(crate) preview: bool,
}

/// What a change means for money and credits.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChangeView {
    /// Whether nothing was changed.
    preview: bool,
    plan_id: String,
    /// The slug of the plan that was asked for.
    plan: String,
    /// `monthly` or `yearly`.
    interval: String,
    /// `at_renewal`, `prorate` or `reset_billing_anchor`.
    paid: String,
    /// What is due now, in minor units, before discounts; tax is counted where the provider was asked.
    due_now: i64,
    currency: String,
    /// How many credits come at once.
    credits_now: i64,
    /// How many come from then on, each time the plan hands them out.
    credits_then: i64,
    /// The price of a period from then on, in minor units, before discounts and tax.
    price: i64,
    /// When the next period is paid. RFC 3339, UTC.
    renews_at: String,
    /// The subscription as it is now.
    subscription: SubscriptionView,
}

/// Where to return to from the provider's pages.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PortalBody {
    /// Whose, for keys that are bound to no account.
    pub(crate) account_id: Option<String>,
    /// On one of the allowed origins.
    pub(crate) return_url: String,
    /// `payment_method`, `cancel` or `change`: the page to begin with, where the provider has one for it.
    pub(crate) flow: Option<String>,
}

/// Where the provider's pages are; not for long.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PortalView {
    pub(crate) url: String,
}

impl ChangeView {
    pub(crate) fn new(changed: PlanChangeResult, preview: bool) -> Self {
        let PlanChangeResult { plan, interval, offer, subscription } = changed;
        Self {
            preview,
            plan_id: plan.id.to_string(),
            plan: plan.slug,
            interval: interval.to_string(),
            paid: offer.money.to_string(),
            due_now: offer.due_now.minor,
            currency: offer.due_now.currency.to_string(),
            credits_now: offer.credits_now.get(),
            credits_then: offer.credits_then.get(),
            price: offer.price.minor,
            renews_at: offer.renews_at.to_string(),
            subscription: subscription.into(),
        }
    }
}

impl CancelBody {
    pub(crate) fn change(&self) -> Result<SubscriptionChange, Problem> {
        match self.when.as_deref() {
            None | Some("period_end") => Ok(SubscriptionChange::CancelAtPeriodEnd),
            Some("now") => Ok(SubscriptionChange::CancelNow),
            Some(_) => Err(Problem::invalid("when", "must be `period_end` or `now`")),
        }
    }
}

impl From<ShownSubscription> for SubscriptionView {
    fn from(shown: ShownSubscription) -> Self {
        let subscription = shown.subscription;
        let quantity = subscription.quantity();
        let text = |at: Option<Timestamp>| at.map(|at| at.to_string());
        Self {
            id: subscription.id.to_string(),
            provider: subscription.channel.to_string(),
            provider_id: subscription.provider_id,
            plan_id: shown.plan.as_ref().map_or(subscription.plan, |plan| plan.id).to_string(),
            plan: shown.plan.map(|plan| plan.slug),
            renews_as: shown.renews_as.map(|plan| plan.slug),
            quantity,
            interval: subscription.interval.to_string(),
            status: subscription.status.to_string(),
            current_period_start: text(subscription.period.map(|period| period.start)),
            current_period_end: text(subscription.period.map(|period| period.end)),
            cancel_at_period_end: subscription.cancel_at_period_end,
            cancel_at: text(subscription.cancel_at),
            canceled_at: text(subscription.canceled_at),
            ended_at: text(subscription.ended_at),
            trial_end: text(subscription.trial_end),
            started_at: subscription.started_at.to_string(),
        }
    }
}
