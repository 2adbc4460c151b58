//! Payments.

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
    /// The provider's id of the invoice, or else of the payment.
    provider_id: String,
    /// `paid`, `partially_refunded` or `refunded`.
    status: String,
    /// The amount paid, tax included, in minor units.
    amount: i64,
    /// The permanently reversed amount, in minor units.
    amount_refunded: i64,
    currency: String,
    /// The order that it paid for, if any.
    order_id: Option<String>,
    /// For a subscription: the start of the period; RFC 3339, UTC.
    period_start: Option<String>,
    /// For a subscription: the end of the period; RFC 3339, UTC.
    period_end: Option<String>,
    /// RFC 3339, UTC.
    created_at: String,
}

/// The next invoice.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UpcomingInvoiceView {
    /// In minor units.
    amount: i64,
    currency: String,
    /// The start of its period; RFC 3339, UTC.
    period_start: String,
    /// The end of its period; RFC 3339, UTC.
    period_end: String,
    /// `provider`: with discounts and tax, as previewed by the provider; `plan`: the plan's current price.
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
