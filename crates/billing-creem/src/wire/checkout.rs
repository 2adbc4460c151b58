//! Checkouts in events.

use serde::Deserialize;

use super::{Expandable, Metadata, Named};

/// A checkout of one product, paid once or by subscription.
#[derive(Debug, Deserialize)]
pub(crate) struct Checkout {
    pub(crate) id: String,
    /// `pending`, `processing`, `completed` or `expired`.
    pub(crate) status: Option<String>,
    /// Our own reference.
    pub(crate) request_id: Option<String>,
    pub(crate) order: Option<Expandable<Order>>,
    pub(crate) customer: Option<Expandable<Named>>,
    pub(crate) subscription: Option<Expandable<Named>>,
    pub(crate) metadata: Option<Metadata>,
}

/// Creem's order: the payment of a checkout.
#[derive(Debug, Deserialize)]
pub(crate) struct Order {
    pub(crate) id: String,
    /// `pending` or `paid`; unchanged by a refund.
    pub(crate) status: Option<String>,
    /// `onetime` or `recurring`.
    #[serde(rename = "type")]
    pub(crate) kind: Option<String>,
    pub(crate) transaction: Option<Expandable<Named>>,
    pub(crate) currency: Option<String>,
    /// Without tax, if tax is added to it.
    pub(crate) amount: Option<i64>,
    /// With tax.
    pub(crate) amount_paid: Option<i64>,
}
