//! What an order is for, and where it stands.

use crate::values::text_enum;

text_enum! {
    /// What an order buys.
    OrderKind, "order type", {
        /// A plan, again and again.
        Subscription = "subscription",
        /// A pack of credits, once.
        Credits = "credits",
        /// A plan for somebody else.
        Gift = "gift",
    }
}

text_enum! {
    /// Where an order stands.
    OrderStatus, "order status", {
        /// Waiting for the money.
        Pending = "pending",
        /// Paid, and what was bought was given.
        Completed = "completed",
        /// The payment failed.
        Failed = "failed",
        /// Nobody paid in time. It can still complete late.
        Expired = "expired",
        /// All of the money went back.
        Refunded = "refunded",
        /// Part of the money went back.
        PartiallyRefunded = "partially_refunded",
    }
}
