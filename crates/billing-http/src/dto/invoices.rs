//! What was paid.

use billing_core::account_billing::UpcomingInvoice;
use billing_core::orders::OrderStatus;
use billing_core::payments::Payment;
use serde::Serialize;
use utoipa::ToSchema;

/// One payment.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InvoiceView {
    id: String,
    /// `stripe`, `creem` or `sandbox`.
    provider: String,
    /// The provider's own id of the invoice, or else of the payment.
    provider_id: String,
    /// `paid`, `partially_refunded` or `refunded`.
    status: String,
    /// What was paid, tax included, in minor units.
    amount: i64,
    /// What of it went back for good, in minor units.
    amount_refunded: i64,
    currency: String,
    /// The order that it paid, where it did.
    order_id: Option<String>,
    /// For a subscription: from when on, RFC 3339, UTC.
    period_start: Option<String>,
    /// For a subscription: until when, RFC 3339, UTC.
    period_end: Option<String>,
    /// RFC 3339, UTC.
    created_at: String,
}

/// What will be asked for next.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UpcomingInvoiceView {
    /// In minor units.
    amount: i64,
    currency: String,
    /// From when on it pays, RFC 3339, UTC.
    period_start: String,
    /// Until when, RFC 3339, UTC.
    period_end: String,
    /// `provider`: with discounts and tax, as the provider counts; `plan`: the plan's price today.
    counted_by: String,
}

impl From<(UpcomingInvoice, bool)> for UpcomingInvoiceView {
    fn from((upcoming, by_provider): (UpcomingInvoice, bool)) -> Self {
        Self {
            amount: upcoming.amount.minor,
            currency: upcoming.amount.currency.to_string(),
            period_start: upcoming.period.start.to_string(),
            period_end: upcoming.period.end.to_string(),
            counted_by: if by_provider { "provider" } else { "plan" }.to_owned(),
        }
    }
}

impl From<&Payment> for InvoiceView {
    fn from(payment: &Payment) -> Self {
        let gone = payment.permanently_reversed();
        let status = match payment.order_status() {
            OrderStatus::PartiallyRefunded => "partially_refunded",
            OrderStatus::Refunded => "refunded",
            _ => "paid",
        };
        let period = payment.covers.as_ref().map(|covered| covered.period);
        let provider_id = payment.refs.invoice.as_ref().or(payment.refs.payment.as_ref());
        Self {
            id: payment.id.to_string(),
            provider: payment.channel.to_string(),
            provider_id: provider_id.cloned().unwrap_or_default(),
            status: status.to_owned(),
            amount: payment.paid.minor,
            amount_refunded: gone,
            currency: payment.paid.currency.to_string(),
            order_id: payment.order.map(|order| order.to_string()),
            period_start: period.map(|period| period.start.to_string()),
            period_end: period.map(|period| period.end.to_string()),
            created_at: payment.paid_at.to_string(),
        }
    }
}
