//! Billing intervals.

use crate::values::text_enum;

text_enum! {
    /// How often a subscription renews.
    Interval, "billing interval", {
        /// Every month.
        Monthly = "monthly",
        /// Every year.
        Yearly = "yearly",
    }
}

impl Interval {
    /// The number of months of a period.
    pub const fn months(self) -> u32 {
        match self {
            Self::Monthly => 1,
            Self::Yearly => 12,
        }
    }
}
