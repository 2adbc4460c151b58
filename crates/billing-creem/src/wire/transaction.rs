//! Transactions in events.

use serde::Deserialize;

/// A payment.
#[derive(Debug, Deserialize)]
pub(crate) struct Transaction {
    pub(crate) id: String,
    /// `paid`, `refunded`, `partialRefund`, `chargedBack` (or `chargeback`), `declined`, …
    pub(crate) status: Option<String>,
    pub(crate) currency: Option<String>,
    /// What the card paid, tax included.
    pub(crate) amount_paid: Option<i64>,
    /// In all so far; none until something was.
    pub(crate) refunded_amount: Option<i64>,
}

impl Transaction {
    /// Whether all of it went back.
    pub(crate) fn is_refunded(&self) -> bool {
        self.status.as_deref() == Some("refunded")
    }
}
