//! The sources of credits.

use crate::values::text_enum;

text_enum! {
    /// The source of a grant.
    Source, "grant source", {
        /// A period of a plan.
        Plan = "plan",
        /// A pack that was bought.
        Purchase = "purchase",
        /// The bonus of a purchase.
        Bonus = "bonus",
        /// A day's check-in.
        CheckIn = "check_in",
        /// A gift that was redeemed.
        Gift = "gift",
        /// A promotion or coupon.
        Promo = "promo",
        /// Credits of a reversed spend whose own grant has ended.
        Refund = "refund",
        /// An operator or a backend.
        Manual = "manual",
    }
}

text_enum! {
    /// The groups of sources in balances.
    Bucket, "bucket", {
        /// Included in a plan.
        Plan = "plan",
        /// Bought, or received as a gift.
        Purchased = "purchased",
        /// Everything else.
        Bonus = "bonus",
    }
}

impl Source {
    /// The bucket of this source.
    pub const fn bucket(self) -> Bucket {
        match self {
            Self::Plan => Bucket::Plan,
            Self::Purchase | Self::Gift => Bucket::Purchased,
            Self::Bonus | Self::CheckIn | Self::Promo | Self::Refund | Self::Manual => Bucket::Bonus,
        }
    }

    /// The burn order of grants with equal priority and expiry: free credits before paid ones.
    pub const fn burn_rank(self) -> u8 {
        match self {
            Self::Promo => 0,
            Self::CheckIn => 1,
            Self::Bonus => 2,
            Self::Gift => 3,
            Self::Plan => 4,
            Self::Refund => 5,
            Self::Manual => 6,
            Self::Purchase => 7,
        }
    }
}
