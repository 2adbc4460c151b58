//! The status of a gift.

use crate::values::text_enum;

text_enum! {
    /// The status of a gift.
    GiftStatus, "gift status", {
        /// Its order is not paid yet.
        Pending = "pending",
        /// Paid and not redeemed.
        Paid = "paid",
        /// Redeemed, permanently.
        Redeemed = "redeemed",
        /// Its payment was refunded or disputed before it was redeemed.
        Refunded = "refunded",
    }
}
