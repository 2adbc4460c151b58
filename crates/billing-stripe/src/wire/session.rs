//! Checkout sessions in events.

use serde::Deserialize;

use super::{Expandable, Metadata};

/// A checkout session. Its line items are never in events.
#[derive(Debug, Deserialize)]
pub(crate) struct Session {
    pub(crate) id: String,
    /// `open`, `complete` or `expired`.
    pub(crate) status: Option<String>,
    /// `payment`, `subscription` or `setup`.
    pub(crate) mode: Option<String>,
    /// `paid`, `unpaid` or `no_payment_required`.
    pub(crate) payment_status: Option<String>,
    pub(crate) client_reference_id: Option<String>,
    pub(crate) metadata: Option<Metadata>,
    pub(crate) amount_total: Option<i64>,
    pub(crate) currency: Option<String>,
    pub(crate) customer: Option<Expandable>,
    pub(crate) payment_intent: Option<Expandable>,
    pub(crate) subscription: Option<Expandable>,
    pub(crate) invoice: Option<Expandable>,
}
