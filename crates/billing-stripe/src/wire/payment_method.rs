//! Payment methods in events.

use serde::Deserialize;

use super::Expandable;

/// A payment method. Only cards have a `card`.
#[derive(Debug, Deserialize)]
pub(crate) struct PaymentMethod {
    pub(crate) id: String,
    /// Null if it is detached.
    pub(crate) customer: Option<Expandable>,
    pub(crate) card: Option<Card>,
}

/// The data of a card.
#[derive(Debug, Deserialize)]
pub(crate) struct Card {
    pub(crate) brand: Option<String>,
    pub(crate) last4: Option<String>,
    pub(crate) exp_month: u32,
    pub(crate) exp_year: u32,
}
