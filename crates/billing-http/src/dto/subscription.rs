//! Subscriptions.

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
    /// `stripe`, `creem` or `sandbox`; `gift` for a gift.
    provider: String,
    /// The provider's id, or that of the gift.
    provider_id: String,
    plan_id: String,
    /// The plan's slug.
    plan: Option<String>,
    /// The slug of the plan after the renewal; null if it is the same.
    renews_as: Option<String>,
    /// `monthly` or `yearly`.
    interval: String,
    /// The quantity: the plan's credits are multiplied by it.
    quantity: u32,
    /// `trialing`, `active`, `past_due`, `unpaid`, `paused`, `incomplete`, `incomplete_expired` or `canceled`.
    status: String,
    current_period_start: Option<String>,
    current_period_end: Option<String>,
    /// Whether it is canceled at the end of its period.
    cancel_at_period_end: bool,
    cancel_at: Option<String>,
    canceled_at: Option<String>,
    ended_at: Option<String>,
    /// Why it was canceled, as the provider or the customer says.
    cancel_reason: Option<String>,
    trial_end: Option<String>,
    started_at: String,
}

/// The longest reason of a cancellation, in characters.
const MAX_REASON: usize = 500;

/// A cancellation.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CancelBody {
    /// The account, for keys that are bound to none.
    pub(crate) account_id: Option<String>,
    /// `period_end` (the default) or `now`.
    when: Option<String>,
    /// Why, in the customer's words: at most 500 characters.
    #[schema(max_length = 500)]
    reason: Option<String>,
}

/// The account of a subscription.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResumeBody {
    /// The account, for keys that are bound to none.
    pub(crate) account_id: Option<String>,
}

/// A change of plan.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangeBody {
    /// The account, for keys that are bound to none.
    pub(crate) account_id: Option<String>,
    pub(crate) plan_id: String,
    /// `monthly` or `yearly`; unchanged by default.
    pub(crate) interval: Option<String>,
    /// Whether to compute the effect only.
    #[serde(default)]
    pub(crate) preview: bool,
}

/// The effect of a change of plan on money and credits.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChangeView {
    /// Whether this is a preview: nothing was changed.
    preview: bool,
    plan_id: String,
    /// The slug of the new plan.
    plan: String,
    /// `monthly` or `yearly`.
    interval: String,
    /// `at_renewal`, `prorate` or `reset_billing_anchor`.
    paid: String,
    /// The amount due now, in minor units, before discounts; with tax if the provider was asked.
    due_now: i64,
    currency: String,
    /// The credits granted at once.
    credits_now: i64,
    /// The credits of each later grant.
    credits_then: i64,
    /// The price of each later period, in minor units, before discounts and tax.
    price: i64,
    /// The next renewal. RFC 3339, UTC.
    renews_at: String,
    /// The subscription's current state.
    subscription: SubscriptionView,
}

/// The return URL of the customer portal.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PortalBody {
    /// The account, for keys that are bound to none.
    pub(crate) account_id: Option<String>,
    /// On an allowed origin.
    pub(crate) return_url: String,
    /// `payment_method`, `cancel` or `change`: the first page, if the provider has one for it.
    pub(crate) flow: Option<String>,
}

/// The URL of the customer portal; it expires soon.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PortalView {
    pub(crate) url: String,
}

impl ChangeView {
    pub(crate) fn new(changed: PlanChangeResult, preview: bool) -> Self {
        let PlanChangeResult { plan, interval, offer, subscription, .. } = changed;
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

    /// Why, if anything was said.
    pub(crate) fn reason(&self) -> Result<Option<String>, Problem> {
        let reason = self.reason.as_deref().map(str::trim).filter(|reason| !reason.is_empty());
        if reason.is_some_and(|reason| reason.chars().count() > MAX_REASON) {
            return Err(Problem::invalid("reason", "takes at most 500 characters"));
        }
        Ok(reason.map(str::to_owned))
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
            cancel_reason: subscription.cancel_reason,
            trial_end: text(subscription.trial_end),
            started_at: subscription.started_at.to_string(),
        }
    }
}
