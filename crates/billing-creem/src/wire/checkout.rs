//! Checkouts in events.

use serde::Deserialize;

use super::{Expandable, Metadata, Named};

/// A checkout: one product, once or again and again.
#[derive(Debug, Deserialize)]
pub(crate) struct Checkout {
    pub(crate) id: String,
    /// `pending`, `processing`, `completed` or `expired`.
    pub(crate) status: Option<String>,
    /// What we called it.
    pub(crate) request_id: Option<String>,
    pub(crate) order: Option<Expandable<Order>>,
    pub(crate) customer: Option<Expandable<Named>>,
    pub(crate) subscription: Option<Expandable<Named>>,
    pub(crate) metadata: Option<Metadata>,
}

/// Creem's order: what was paid in a checkout.
#[derive(Debug, Deserialize)]
pub(crate) struct Order {
    pub(crate) id: String,
    /// `pending` or `paid`; a refund does not change it.
    pub(crate) status: Option<String>,
    /// `onetime` or `recurring`.
    #[serde(rename = "type")]
    pub(crate) kind: Option<String>,
    pub(crate) transaction: Option<Expandable<Named>>,
    pub(crate) currency: Option<String>,
    /// Without tax where that comes on top.
    pub(crate) amount: Option<i64>,
    /// With it.
    pub(crate) amount_paid: Option<i64>,
}
