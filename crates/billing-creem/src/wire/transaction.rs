//! Transactions in events.

use serde::Deserialize;

/// A payment.
#[derive(Debug, Deserialize)]
pub(crate) struct Transaction {
    pub(crate) id: String,
    /// `paid`, `refunded`, `partialRefund`, `chargedBack` (or `chargeback`), `declined`, …
    pub(crate) status: Option<String>,
    pub(crate) currency: Option<String>,
    /// The amount charged, tax included.
    pub(crate) amount_paid: Option<i64>,
    /// The cumulative amount; none without refunds.
    pub(crate) refunded_amount: Option<i64>,
}

impl Transaction {
    /// Whether it is fully refunded.
    pub(crate) fn is_refunded(&self) -> bool {
        self.status.as_deref() == Some("refunded")
    }
}
