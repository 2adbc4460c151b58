//! Document C: what a page shows on which somebody manages a subscription. The document types many fields as texts:
//! what is not there is an empty one.

use billing_core::account_billing::{ShownSubscription, UpcomingInvoice};
use billing_core::catalog::Interval;
use billing_core::requests::{AccountBalance, BillingOverview};
use billing_core::values::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::InvoiceView;

/// Subscription, credits and money.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OverviewView {
    subscription: Option<OverviewSubscription>,
    credits: OverviewCredits,
    billing: OverviewBilling,
}

/// The subscription.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OverviewSubscription {
    status: String,
    /// RFC 3339, UTC; empty where there is none.
    current_period_start: String,
    /// RFC 3339, UTC; empty where there is none.
    current_period_end: String,
    /// RFC 3339, UTC; empty without a trial.
    trial_end: String,
    /// `true` or `false`.
    cancel_at_period_end: String,
    plan: Option<OverviewPlan>,
}

/// Its plan.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OverviewPlan {
    id: String,
    name: String,
    slug: String,
    /// In major units with the currency's decimals, such as `9.99`; empty where the plan is not sold so any more.
    price: String,
    currency: String,
    /// `month` or `year`.
    interval: String,
    /// Always `1`.
    interval_count: String,
    /// How many credits the plan hands out each time.
    credits_per_period: String,
    /// A JSON array of texts.
    features: String,
}

/// The credits.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OverviewCredits {
    /// What can be spent.
    available: i64,
    /// What was spent in this month (UTC), less what was given back in it.
    used_this_month: i64,
    /// Of what is there, what the plan brought.
    included_in_plan: String,
    /// Of what is there, what was bought or is a gift.
    purchased: i64,
    /// Of what is there, everything else.
    bonus: i64,
    /// When the first of them go, RFC 3339, UTC; empty where none do.
    expires_at: String,
}

/// The money.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OverviewBilling {
    upcoming_invoice: Option<UpcomingView>,
    recent_invoices: Vec<InvoiceView>,
}

/// What will be asked for next.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UpcomingView {
    /// In major units with the currency's decimals.
    amount: String,
    currency: String,
    /// RFC 3339, UTC.
    period_start: String,
    /// RFC 3339, UTC.
    period_end: String,
}

impl From<BillingOverview> for OverviewView {
    fn from(overview: BillingOverview) -> Self {
        let used = overview.used_this_month.get();
        Self {
            subscription: overview.summary.subscription.map(OverviewSubscription::from),
            credits: OverviewCredits::of(overview.summary.credits.as_ref(), used),
            billing: OverviewBilling {
                upcoming_invoice: overview.summary.upcoming.map(UpcomingView::from),
                recent_invoices: overview.payments.iter().map(InvoiceView::from).collect(),
            },
        }
    }
}

impl OverviewCredits {
    /// An account that uses no credits reads as one that has none.
    pub(crate) fn of(balance: Option<&AccountBalance>, used: i64) -> Self {
        let none = AccountBalance::default();
        let balance = balance.unwrap_or(&none);
        Self {
            available: balance.available.get(),
            used_this_month: used,
            included_in_plan: balance.buckets.plan.to_string(),
            purchased: balance.buckets.purchased.get(),
            bonus: balance.buckets.bonus.get(),
            expires_at: text(balance.expiring.first().map(|first| first.at)),
        }
    }
}

impl From<ShownSubscription> for OverviewSubscription {
    fn from(shown: ShownSubscription) -> Self {
        let subscription = shown.subscription;
        let plan = shown.plan.map(|plan| OverviewPlan {
            id: plan.id.to_string(),
            price: plan
                .price(subscription.interval)
                .map_or_else(String::new, |price| price.major().to_string()),
            currency: plan.currency.to_string(),
            interval: match subscription.interval {
                Interval::Monthly => "month".to_owned(),
                Interval::Yearly => "year".to_owned(),
            },
            interval_count: "1".to_owned(),
            credits_per_period: plan.credits_included.to_string(),
            // A list of texts always has JSON.
            features: serde_json::to_string(&plan.features).unwrap_or_default(),
            name: plan.name,
            slug: plan.slug,
        });
        Self {
            status: subscription.status.to_string(),
            current_period_start: text(subscription.period.map(|period| period.start)),
            current_period_end: text(subscription.period.map(|period| period.end)),
            trial_end: text(subscription.trial_end),
            cancel_at_period_end: subscription.cancel_at_period_end.to_string(),
            plan,
        }
    }
}

impl From<UpcomingInvoice> for UpcomingView {
    fn from(upcoming: UpcomingInvoice) -> Self {
        Self {
            amount: upcoming.amount.major().to_string(),
            currency: upcoming.amount.currency.to_string(),
            period_start: upcoming.period.start.to_string(),
            period_end: upcoming.period.end.to_string(),
        }
    }
}

fn text(moment: Option<Timestamp>) -> String {
    moment.map_or_else(String::new, |at| at.to_string())
}
