//! Refunds and disputes in provider-neutral terms.

use serde::{Deserialize, Serialize};

use super::PaymentRefs;
use crate::values::{Money, text_enum};

text_enum! {
    /// The state of a refund, in the order of its life cycle.
    RefundState, "refund state", {
        /// Requested; the money is on its way.
        Pending = "pending",
        /// The buyer has received it.
        Succeeded = "succeeded",
        /// Failed or canceled; the money is back with us.
        Failed = "failed",
    }
}

text_enum! {
    /// The state of a dispute. Of two reported states the later one in this list wins, in any order of arrival.
    DisputeState, "dispute state", {
        /// The bank inquires; no money has moved.
        Inquiry = "inquiry",
        /// The bank withholds the money until it is settled.
        Open = "open",
        /// The buyer keeps the money.
        Lost = "lost",
        /// The money is ours again.
        Won = "won",
    }
}

/// A provider's report of a refund or dispute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentReversal {
    /// The payment.
    pub payment: PaymentRefs,
    /// The refund or dispute.
    pub update: PaymentReversalUpdate,
}

/// A change of a payment's refunds or disputes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PaymentReversalUpdate {
    /// The cumulative amount refunded.
    RefundedInAll(Money),
    /// The state of one refund.
    Refund(Refund),
    /// The state of one dispute.
    Dispute(Dispute),
}

/// One refund.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    /// The provider's id.
    pub id: String,
    /// The amount.
    pub amount: Money,
    /// The state.
    pub state: RefundState,
    /// The key of our own request for it, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_by: Option<String>,
}

impl Refund {
    /// A refund that was not requested here, as far as known.
    pub const fn new(id: String, amount: Money, state: RefundState) -> Self {
        Self { id, amount, state, asked_by: None }
    }
}

/// One dispute: the buyer's bank reverses the payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dispute {
    /// The provider's id.
    pub id: String,
    /// The amount.
    pub amount: Money,
    /// The state.
    pub state: DisputeState,
}
