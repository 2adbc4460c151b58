//! What a coupon does, and for how long.

use crate::values::{Credits, Money, text_enum};

text_enum! {
    /// What a coupon does.
    CouponType, "coupon type", {
        /// A part of the price is off.
        Percent = "percent",
        /// An amount is off.
        Fixed = "fixed",
        /// It brings credits, without buying anything.
        Credits = "credits",
        /// A subscription begins with free days.
        TrialDays = "trial_days",
    }
}

text_enum! {
    /// How long a discount goes on.
    DurationKind, "coupon duration", {
        /// For the first payment.
        Once = "once",
        /// For a number of periods.
        Repeating = "repeating",
        /// For every period.
        Forever = "forever",
    }
}

/// What a coupon does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CouponEffect {
    /// So many whole percent of the price are off: 1 to 100.
    Percent(u32),
    /// An amount is off, one per currency, in minor units; the first is the coupon's main one.
    Fixed(Vec<Money>),
    /// So many credits, once per account, without buying anything.
    Credits {
        /// How many.
        credits: Credits,
        /// How many days after the redemption they expire; never when none is named.
        expires_after_days: Option<u32>,
    },
    /// A subscription begins with so many free days: 1 to 730.
    TrialDays(u32),
}

/// How long a discount goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Duration {
    /// For the first payment.
    Once,
    /// For so many periods, the first one included: 1 to 120.
    Repeating(u32),
    /// For every period.
    Forever,
}

/// What comes off each payment that a discount reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reduction {
    /// So many whole percent: 1 to 100.
    Percent(u32),
    /// So much money, never more than the price.
    Amount(Money),
}

impl CouponEffect {
    /// What kind of effect it is.
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
    /// What kind of duration it is.
    pub const fn kind(self) -> DurationKind {
        match self {
            Self::Once => DurationKind::Once,
            Self::Repeating(_) => DurationKind::Repeating,
            Self::Forever => DurationKind::Forever,
        }
    }
}
