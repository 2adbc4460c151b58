//! Document B: subscription and payment method of the caller's account.

use billing_core::account_billing::ShownSubscription;
use billing_core::payments::{Card, Payment, PaymentMethod};
use billing_core::requests::BillingSummary;
use billing_core::values::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::InvoiceView;

/// Subscription and payment method.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SummaryView {
    subscription: Option<SummarySubscription>,
    /// The payment method, if the provider reported one.
    payment_method: Option<PaymentMethodView>,
}

/// The subscription. Fields named after Stripe hold the values of whichever provider it is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SummarySubscription {
    id: String,
    stripe_subscription_id: String,
    stripe_customer_id: Option<String>,
    plan_id: String,
    status: String,
    /// RFC 3339, UTC.
    current_period_start: String,
    /// RFC 3339, UTC.
    current_period_end: String,
    cancel_at_period_end: bool,
    cancel_reason: Option<String>,
    /// `stripe` for one that is charged, `gift` for a gift.
    source: String,
    /// The provider that charges it; `gift` for a gift.
    provider: String,
}

/// A card.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PaymentMethodView {
    brand: String,
    last4: String,
    exp_month: u32,
    exp_year: u32,
}

/// Payments, in document B's style.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InvoicesView {
    invoices: Vec<InvoiceView>,
}

/// Document B's error.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SummaryErrorBody {
    /// The stable error code.
    error: String,
    /// A message for people.
    message: String,
}

impl From<BillingSummary> for SummaryView {
    fn from(summary: BillingSummary) -> Self {
        Self {
            subscription: summary.subscription.map(SummarySubscription::from),
            payment_method: summary.payment_method.map(PaymentMethodView::from),
        }
    }
}

impl From<PaymentMethod> for PaymentMethodView {
    fn from(method: PaymentMethod) -> Self {
        let Card { brand, last4, exp_month, exp_year } = method.card;
        Self { brand, last4, exp_month, exp_year }
    }
}

impl From<&[Payment]> for InvoicesView {
    fn from(payments: &[Payment]) -> Self {
        Self { invoices: payments.iter().map(InvoiceView::from).collect() }
    }
}

impl From<ShownSubscription> for SummarySubscription {
    fn from(shown: ShownSubscription) -> Self {
        let subscription = shown.subscription;
        let given = subscription.is_given();
        // The document has no value for a period that has not started: it has length zero.
        let period = subscription.period;
        let moment = |at: Option<Timestamp>| at.unwrap_or(subscription.started_at).to_string();
        Self {
            id: subscription.id.to_string(),
            stripe_subscription_id: subscription.provider_id,
            stripe_customer_id: (!given).then_some(subscription.provider_customer),
            plan_id: shown.plan.map_or(subscription.plan, |plan| plan.id).to_string(),
            status: subscription.status.to_string(),
            current_period_start: moment(period.map(|period| period.start)),
            current_period_end: moment(period.map(|period| period.end)),
            cancel_at_period_end: subscription.cancel_at_period_end,
            cancel_reason: subscription.cancel_reason,
            source: if given { "gift" } else { "stripe" }.to_owned(),
            provider: subscription.channel.to_string(),
        }
    }
}
