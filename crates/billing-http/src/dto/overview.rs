//! Document C: the data of a "Manage subscription" page. The document types many fields as texts: missing values are
//! empty.

use billing_core::account_billing::{ShownSubscription, UpcomingInvoice};
use billing_core::catalog::Interval;
use billing_core::requests::{AccountBalance, BillingOverview};
use billing_core::values::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::InvoiceView;

/// Subscription, credits and payments.
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
    /// RFC 3339, UTC; empty if there is none.
    current_period_start: String,
    /// RFC 3339, UTC; empty if there is none.
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
    /// In major units with the currency's decimals, such as `9.99`; empty if the plan does not have the interval any
    /// more.
    price: String,
    currency: String,
    /// `month` or `year`.
    interval: String,
    /// Always `1`.
    interval_count: String,
    /// The credits of each grant of the plan.
    credits_per_period: String,
    /// A JSON array of texts.
    features: String,
}

/// The credits.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OverviewCredits {
    /// The available balance.
    available: i64,
    /// The credits spent in this month (UTC), less reversals.
    used_this_month: i64,
    /// The part of the credits from the plan.
    included_in_plan: String,
    /// The part of the credits that was bought or is a gift.
    purchased: i64,
    /// The rest of the credits.
    bonus: i64,
    /// When the first of them expire, RFC 3339, UTC; empty if none do.
    expires_at: String,
}

/// The payments.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OverviewBilling {
    upcoming_invoice: Option<UpcomingView>,
    recent_invoices: Vec<InvoiceView>,
}

/// The next invoice.
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
    /// An account that cannot have credits is shown as one without any.
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
            // A list of texts always serializes.
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
