//! Where a gift stands.

use crate::values::text_enum;

text_enum! {
    /// Where a gift stands.
    GiftStatus, "gift status", {
        /// Nobody has paid it yet.
        Pending = "pending",
        /// Paid, and nobody has redeemed it.
        Paid = "paid",
        /// Somebody has it, for good.
        Redeemed = "redeemed",
        /// Its money went back before anybody redeemed it.
        Refunded = "refunded",
    }
}
