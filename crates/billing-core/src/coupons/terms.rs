//! The effect and duration of coupons.

use crate::values::{Credits, Money, text_enum};

text_enum! {
    /// The type of a coupon's effect.
    CouponType, "coupon type", {
        /// A percentage off.
        Percent = "percent",
        /// An amount off.
        Fixed = "fixed",
        /// Credits, without a purchase.
        Credits = "credits",
        /// Free days at the start of a subscription.
        TrialDays = "trial_days",
    }
}

text_enum! {
    /// The type of a discount's duration.
    DurationKind, "coupon duration", {
        /// The first payment.
        Once = "once",
        /// A number of periods.
        Repeating = "repeating",
        /// Every period.
        Forever = "forever",
    }
}

/// The effect of a coupon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CouponEffect {
    /// Whole percent off: 1 to 100.
    Percent(u32),
    /// An amount off, one per currency, in minor units; the first is the coupon's main one.
    Fixed(Vec<Money>),
    /// Credits, once per account, without a purchase.
    Credits {
        /// The credits.
        credits: Credits,
        /// The days after the redemption at which they expire; never if none.
        expires_after_days: Option<u32>,
    },
    /// Free days at the start of a subscription: 1 to 730.
    TrialDays(u32),
}

/// The duration of a discount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Duration {
    /// The first payment.
    Once,
    /// This many periods, including the first: 1 to 120.
    Repeating(u32),
    /// Every period.
    Forever,
}

/// The reduction of each discounted payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reduction {
    /// Whole percent: 1 to 100.
    Percent(u32),
    /// An amount, at most the price.
    Amount(Money),
}

impl CouponEffect {
    /// The type of the effect.
    pub const fn kind(&self) -> CouponType {
        match self {
            Self::Percent(_) => CouponType::Percent,
            Self::Fixed(_) => CouponType::Fixed,
            Self::Credits { .. } => CouponType::Credits,
            Self::TrialDays(_) => CouponType::TrialDays,
        }
    }
}

impl Duration {
    /// The type of the duration.
    pub const fn kind(self) -> DurationKind {
        match self {
            Self::Once => DurationKind::Once,
            Self::Repeating(_) => DurationKind::Repeating,
            Self::Forever => DurationKind::Forever,
        }
    }
}
