//! Charges, refunds and disputes in events, and the references between payments and invoices.

use serde::Deserialize;

use super::Expandable;

/// A charge with a refund.
#[derive(Debug, Deserialize)]
pub(crate) struct Charge {
    pub(crate) payment_intent: Option<Expandable>,
    /// Before basil.
    pub(crate) invoice: Option<Expandable>,
    /// The cumulative amount, in Stripe's unit.
    pub(crate) amount_refunded: i64,
    pub(crate) currency: String,
}

/// One refund.
#[derive(Debug, Deserialize)]
pub(crate) struct Refund {
    pub(crate) id: String,
    pub(crate) payment_intent: Option<Expandable>,
    pub(crate) charge: Option<Expandable>,
    /// In Stripe's unit.
    pub(crate) amount: i64,
    pub(crate) currency: String,
    /// `pending`, `requires_action`, `succeeded`, `failed` or `canceled`.
    pub(crate) status: Option<String>,
}

/// One dispute.
#[derive(Debug, Deserialize)]
pub(crate) struct Dispute {
    /// Not in the oldest events.
    pub(crate) id: Option<String>,
    pub(crate) payment_intent: Option<Expandable>,
    pub(crate) charge: Option<Expandable>,
    /// In Stripe's unit.
    pub(crate) amount: i64,
    pub(crate) currency: String,
    /// `needs_response`, `under_review`, `won`, `lost`, `warning_needs_response`, …
    pub(crate) status: Option<String>,
}

/// The payment of an invoice; since basil the invoice itself does not name it.
#[derive(Debug, Deserialize)]
pub(crate) struct InvoicePayment {
    pub(crate) invoice: Expandable,
    pub(crate) payment: Option<PaidWith>,
}

/// The payment of an invoice.
#[derive(Debug, Deserialize)]
pub(crate) struct PaidWith {
    pub(crate) payment_intent: Option<Expandable>,
}
