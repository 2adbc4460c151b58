//! Invoices in events.

use serde::Deserialize;

use super::payment_reversal::PaidWith;
use super::{Expandable, List, Metadata};

/// An invoice. Its own `period_start` and `period_end` lag behind and are omitted; the lines have the right ones.
#[derive(Debug, Deserialize)]
pub(crate) struct Invoice {
    pub(crate) id: String,
    pub(crate) status: Option<String>,
    /// `subscription_create`, `subscription_cycle`, `subscription_update`, `manual`, …
    pub(crate) billing_reason: Option<String>,
    pub(crate) customer: Option<Expandable>,
    pub(crate) currency: String,
    /// Before discounts and tax, in Stripe's unit.
    pub(crate) subtotal: i64,
    /// The amount paid so far, in Stripe's unit.
    pub(crate) amount_paid: Option<i64>,
    pub(crate) lines: List<InvoiceLine>,
    status_transitions: Option<StatusTransitions>,
    /// Since basil, if expanded.
    payments: Option<List<Paid>>,
    /// Before basil.
    payment_intent: Option<Expandable>,
    /// The object that it belongs to, since basil.
    parent: Option<InvoiceParent>,
    /// Before basil.
    subscription: Option<Expandable>,
    subscription_details: Option<SubscriptionDetails>,
}

/// The times of status changes, in unix seconds.
#[derive(Debug, Deserialize)]
struct StatusTransitions {
    paid_at: Option<i64>,
}

#[derive(Debug, Deserialize)]
struct Paid {
    payment: Option<PaidWith>,
}

#[derive(Debug, Deserialize)]
struct InvoiceParent {
    subscription_details: Option<SubscriptionDetails>,
}

#[derive(Debug, Deserialize)]
struct SubscriptionDetails {
    subscription: Option<Expandable>,
    /// The subscription's metadata when the invoice was created.
    metadata: Option<Metadata>,
}

/// One line of an invoice.
#[derive(Debug, Deserialize)]
pub(crate) struct InvoiceLine {
    pub(crate) id: Option<String>,
    pub(crate) period: LinePeriod,
    /// Before discounts, in Stripe's unit.
    pub(crate) amount: i64,
    /// The quantity; none if it is not counted.
    pub(crate) quantity: Option<u32>,
    /// Since basil.
    pricing: Option<Pricing>,
    parent: Option<LineParent>,
    /// Before basil.
    price: Option<Expandable>,
    plan: Option<Expandable>,
    proration: Option<bool>,
    #[serde(rename = "type")]
    kind: Option<String>,
    subscription: Option<Expandable>,
}

/// Unix seconds.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(crate) struct LinePeriod {
    pub(crate) start: i64,
    pub(crate) end: i64,
}

#[derive(Debug, Deserialize)]
struct Pricing {
    price_details: Option<PriceDetails>,
}

#[derive(Debug, Deserialize)]
struct PriceDetails {
    price: Option<Expandable>,
}

#[derive(Debug, Deserialize)]
struct LineParent {
    subscription_item_details: Option<LineDetails>,
    invoice_item_details: Option<LineDetails>,
}

#[derive(Debug, Deserialize)]
struct LineDetails {
    proration: Option<bool>,
    subscription: Option<Expandable>,
}

impl Invoice {
    /// The subscription that it is for.
    pub(crate) fn subscription(&self) -> Option<&str> {
        let now = self.parent_details().and_then(|details| details.subscription.as_ref());
        let before = || self.subscription.as_ref();
        let of_line = || self.lines.data.iter().find_map(InvoiceLine::subscription);
        now.or_else(before).or_else(of_line).map(Expandable::id)
    }

    /// The time of its payment.
    pub(crate) fn paid_at(&self) -> Option<i64> {
        self.status_transitions.as_ref()?.paid_at
    }

    /// The payment, if the event names it.
    pub(crate) fn payment(&self) -> Option<&str> {
        let mut listed = self.payments.iter().flat_map(|list| &list.data);
        let now = listed.find_map(|paid| paid.payment.as_ref()?.payment_intent.as_ref());
        now.or(self.payment_intent.as_ref()).map(Expandable::id)
    }

    /// The subscription's metadata.
    pub(crate) fn subscription_metadata(&self) -> Option<&Metadata> {
        let now = self.parent_details().and_then(|details| details.metadata.as_ref());
        now.or_else(|| self.subscription_details.as_ref()?.metadata.as_ref())
    }

    fn parent_details(&self) -> Option<&SubscriptionDetails> {
        self.parent.as_ref()?.subscription_details.as_ref()
    }
}

impl InvoiceLine {
    /// Its price.
    pub(crate) fn price(&self) -> Option<&str> {
        let details = self.pricing.as_ref().and_then(|pricing| pricing.price_details.as_ref());
        let now = details.and_then(|details| details.price.as_ref());
        now.or(self.price.as_ref()).or(self.plan.as_ref()).map(Expandable::id)
    }

    /// Whether it is a proration.
    pub(crate) fn is_proration(&self) -> bool {
        self.details().and_then(|details| details.proration).or(self.proration).unwrap_or(false)
    }

    /// Whether it is an extra item on the subscription's invoice, such as a one-off fee.
    pub(crate) fn is_extra(&self) -> bool {
        let now = self.parent.as_ref().is_some_and(|parent| {
            parent.subscription_item_details.is_none() && parent.invoice_item_details.is_some()
        });
        !self.is_proration() && (now || self.kind.as_deref() == Some("invoiceitem"))
    }

    fn subscription(&self) -> Option<&Expandable> {
        self.details().and_then(|details| details.subscription.as_ref()).or(self.subscription.as_ref())
    }

    fn details(&self) -> Option<&LineDetails> {
        let parent = self.parent.as_ref()?;
        parent.subscription_item_details.as_ref().or(parent.invoice_item_details.as_ref())
    }
}
