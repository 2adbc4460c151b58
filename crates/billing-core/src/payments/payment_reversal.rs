//! What providers say of money that went back, in words of our own.

use serde::{Deserialize, Serialize};

use super::PaymentRefs;
use crate::values::{Money, text_enum};

text_enum! {
    /// How far a refund has come. Later in this list is later in its life.
    RefundState, "refund state", {
        /// Asked for; the money is on its way.
        Pending = "pending",
        /// The buyer has it.
        Succeeded = "succeeded",
        /// It came back to us, or was called off.
        Failed = "failed",
    }
}

text_enum! {
    /// Where a dispute stands. Of two statements, the one later in this list wins, in whatever order they come.
    DisputeState, "dispute state", {
        /// The bank asks, and no money has moved.
        Inquiry = "inquiry",
        /// The bank has taken the money until it is settled.
        Open = "open",
        /// The buyer keeps the money.
        Lost = "lost",
        /// The money is ours again.
        Won = "won",
    }
}

/// What a provider says of money that went back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentReversal {
    /// The payment that it went back from.
    pub payment: PaymentRefs,
    /// What happened.
    pub update: PaymentReversalUpdate,
}

/// What happened to a payment's money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PaymentReversalUpdate {
    /// So much has been refunded in all by then.
    RefundedInAll(Money),
    /// One refund is like this.
    Refund(Refund),
    /// One dispute is like this.
    Dispute(Dispute),
}

/// One refund.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    /// The provider's id of it.
    pub id: String,
    /// How much.
    pub amount: Money,
    /// How far it has come.
    pub state: RefundState,
    /// The key of the request of ours that asked for it, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_by: Option<String>,
}

impl Refund {
    /// A refund that nobody here is known to have asked for.
    pub const fn new(id: String, amount: Money, state: RefundState) -> Self {
        Self { id, amount, state, asked_by: None }
    }
}

/// One dispute: a buyer's bank takes the money back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dispute {
    /// The provider's id of it.
    pub id: String,
    /// How much.
    pub amount: Money,
    /// Where it stands.
    pub state: DisputeState,
}
