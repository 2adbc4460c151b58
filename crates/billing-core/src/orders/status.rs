//! The kind and status of orders.

use crate::values::text_enum;

text_enum! {
    /// The kind of an order.
    OrderKind, "order type", {
        /// A plan, paid in each period.
        Subscription = "subscription",
        /// A pack of credits, paid once.
        Credits = "credits",
        /// A plan for another account.
        Gift = "gift",
    }
}

text_enum! {
    /// The status of an order.
    OrderStatus, "order status", {
        /// Waiting for the payment.
        Pending = "pending",
        /// Paid and delivered.
        Completed = "completed",
        /// The payment failed.
        Failed = "failed",
        /// Not paid in time. A late payment still completes it.
        Expired = "expired",
        /// Fully refunded or lost in a dispute.
        Refunded = "refunded",
        /// Partly refunded.
        PartiallyRefunded = "partially_refunded",
    }
}
