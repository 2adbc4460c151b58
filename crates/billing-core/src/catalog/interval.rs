//! How often a plan is paid.

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
    /// How many months one period has.
    pub const fn months(self) -> u32 {
        match self {
            Self::Monthly => 1,
            Self::Yearly => 12,
        }
    }
}
