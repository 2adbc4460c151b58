//! What we ask of a provider about a payment's money.

use super::PaymentRefs;
use crate::values::Money;

/// Money to be given back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundRequest {
    /// What the provider calls the payment.
    pub payment: PaymentRefs,
    /// How much; never more than is left.
    pub amount: Money,
    /// Whether that is all that is left.
    pub all: bool,
    /// What the provider's idempotency key is made of.
    pub key: String,
}
