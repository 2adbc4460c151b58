//! Subscriptions in events.

use serde::Deserialize;

use super::{Expandable, Metadata, Moment, Named, Transaction};

/// One item of a subscription.
#[derive(Debug, Deserialize)]
pub(crate) struct Item {
    pub(crate) units: Option<u32>,
}

/// A subscription. Its items may be stale after a change; the product is current.
#[derive(Debug, Deserialize)]
pub(crate) struct Subscription {
    pub(crate) id: String,
    /// `active`, `trialing`, `past_due`, `unpaid`, `paused`, `scheduled_cancel`, `canceled`, or something else.
    pub(crate) status: Option<String>,
    pub(crate) product: Option<Expandable<Named>>,
    pub(crate) items: Option<Vec<Item>>,
    pub(crate) customer: Option<Expandable<Named>>,
    pub(crate) last_transaction_id: Option<String>,
    pub(crate) last_transaction: Option<Expandable<Transaction>>,
    pub(crate) current_period_start_date: Option<Moment>,
    pub(crate) current_period_end_date: Option<Moment>,
    /// May be set on an active one; not sufficient by itself.
    pub(crate) canceled_at: Option<Moment>,
    pub(crate) created_at: Option<Moment>,
    pub(crate) metadata: Option<Metadata>,
}
