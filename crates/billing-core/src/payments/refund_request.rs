//! A refund request to a provider.

use super::PaymentRefs;
use crate::values::Money;

/// A request to refund a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundRequest {
    /// The provider's references to the payment.
    pub payment: PaymentRefs,
    /// The amount; at most what can still be refunded.
    pub amount: Money,
    /// Whether that is the whole remaining amount.
    pub all: bool,
    /// The source of the provider's idempotency key.
    pub key: String,
}
