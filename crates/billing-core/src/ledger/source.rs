//! Where credits come from.

use crate::values::text_enum;

text_enum! {
    /// What brought a grant.
    Source, "grant source", {
        /// A period of a plan.
        Plan = "plan",
        /// A pack that was bought.
        Purchase = "purchase",
        /// What came on top of a purchase.
        Bonus = "bonus",
        /// A day's check-in.
        CheckIn = "check_in",
        /// A gift that was redeemed.
        Gift = "gift",
        /// A promotion or coupon.
        Promo = "promo",
        /// Credits given back for a spend whose own grant is gone.
        Refund = "refund",
        /// An operator or a backend.
        Manual = "manual",
    }
}

text_enum! {
    /// How sources are summed up for people.
    Bucket, "bucket", {
        /// What a plan includes.
        Plan = "plan",
        /// What was paid for, or received as a gift.
        Purchased = "purchased",
        /// Everything else.
        Bonus = "bonus",
    }
}

impl Source {
    /// The bucket in which this source is shown.
    pub const fn bucket(self) -> Bucket {
        match self {
            Self::Plan => Bucket::Plan,
            Self::Purchase | Self::Gift => Bucket::Purchased,
            Self::Bonus | Self::CheckIn | Self::Promo | Self::Refund | Self::Manual => Bucket::Bonus,
        }
    }

    /// Which of two grants alike in priority and expiry burns first: what was given before what was paid.
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
