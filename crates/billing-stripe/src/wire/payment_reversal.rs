//! Charges, refunds and disputes in events, and what ties a payment to its invoice.

use serde::Deserialize;

use super::Expandable;

/// A charge, when something of it was refunded.
#[derive(Debug, Deserialize)]
pub(crate) struct Charge {
    pub(crate) payment_intent: Option<Expandable>,
    /// Before basil.
    pub(crate) invoice: Option<Expandable>,
    /// In all so far, in Stripe's unit.
    pub(crate) amount_refunded: i64,
    pub(crate) currency: String,
}

/// One refund.
#[derive(Debug, Deserialize)]
pub(crate) struct Refund {
    pub(crate) id: String,
    pub(crate) payment_intent: Option<Expandable>,
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
    /// In Stripe's unit.
    pub(crate) amount: i64,
    pub(crate) currency: String,
    /// `needs_response`, `under_review`, `won`, `lost`, `warning_needs_response`, …
    pub(crate) status: Option<String>,
}

/// That a payment paid an invoice; since basil the invoice itself does not say which.
#[derive(Debug, Deserialize)]
pub(crate) struct InvoicePayment {
    pub(crate) invoice: Expandable,
    pub(crate) payment: Option<PaidWith>,
}

/// What an invoice was paid with.
#[derive(Debug, Deserialize)]
pub(crate) struct PaidWith {
    pub(crate) payment_intent: Option<Expandable>,
}
