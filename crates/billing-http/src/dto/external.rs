//! Document A: the read-only external API.

use billing_core::account_billing::ShownSubscription;
use billing_core::catalog::Interval;
use billing_core::requests::{AccountBalance, BillingSummary};
use billing_core::values::{Timestamp, Zone};
use serde::Serialize;
use utoipa::ToSchema;

/// Document A's envelope.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct External<T> {
    /// A bare UUID.
    request_id: String,
    /// RFC 3339 in UTC, in whole seconds.
    timestamp: String,
    data: T,
}

/// Document A's error.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ExternalErrorBody {
    request_id: String,
    error: ExternalErrorView,
}

/// The error.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ExternalErrorView {
    code: String,
    message: String,
}

/// Subscription and credits.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ExternalSummary {
    subscription: ExternalSubscription,
    credits: ExternalCredits,
}

/// The subscription; all fields are null without one.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct ExternalSubscription {
    /// The plan's slug.
    r#type: Option<String>,
    status: Option<String>,
    /// `monthly` or `annual`.
    billing_cycle: Option<String>,
    /// The end of the current period, `YYYY-MM-DD`.
    end_date: Option<String>,
}

/// The credits.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ExternalCredits {
    /// Whether the account can have credits.
    enabled: bool,
    /// Null if it cannot have credits; 0 if it has none.
    balance: Option<i64>,
    /// Always `credits`.
    unit: String,
}

impl<T> External<T> {
    pub(crate) fn new(request_id: String, now: Timestamp, data: T) -> Self {
        Self { request_id, timestamp: now.whole_seconds().to_string(), data }
    }
}

impl From<BillingSummary> for ExternalSummary {
    fn from(summary: BillingSummary) -> Self {
        Self {
            subscription: summary.subscription.map(ExternalSubscription::from).unwrap_or_default(),
            credits: summary.credits.as_ref().into(),
        }
    }
}

impl From<Option<&AccountBalance>> for ExternalCredits {
    fn from(credits: Option<&AccountBalance>) -> Self {
        let balance = credits.map(|balance| balance.available.get());
        Self { enabled: balance.is_some(), balance, unit: "credits".to_owned() }
    }
}

impl From<ShownSubscription> for ExternalSubscription {
    fn from(shown: ShownSubscription) -> Self {
        let subscription = shown.subscription;
        let cycle = match subscription.interval {
            Interval::Monthly => "monthly",
            Interval::Yearly => "annual",
        };
        Self {
            r#type: shown.plan.map(|plan| plan.slug),
            status: Some(subscription.status.to_string()),
            billing_cycle: Some(cycle.to_owned()),
            end_date: subscription.period.map(|period| Zone::UTC.day_of(period.end).to_string()),
        }
    }
}
