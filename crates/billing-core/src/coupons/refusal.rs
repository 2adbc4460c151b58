//! Why a coupon cannot be used, or not be written.

use super::CouponCode;
use crate::values::Timestamp;

/// Why a coupon cannot be used, or not be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CouponRefusal {
    /// No coupon has the code.
    #[error("there is no coupon `{code}`")]
    Unknown {
        /// What was typed.
        code: String,
    },
    /// It was switched off.
    #[error("the coupon `{code}` is not active")]
    Inactive {
        /// Which one.
        code: CouponCode,
    },
    /// It cannot be used yet.
    #[error("the coupon `{code}` can be used from {starts_at} on")]
    NotStarted {
        /// Which one.
        code: CouponCode,
        /// From when on it can be used.
        starts_at: Timestamp,
    },
    /// It cannot be used any more.
    #[error("the coupon `{code}` could be used until {ended_at}")]
    Expired {
        /// Which one.
        code: CouponCode,
        /// Until when it could be used.
        ended_at: Timestamp,
    },
    /// It was used as often as it may be.
    #[error("the coupon `{code}` was used as often as it may be: {limit} times")]
    Exhausted {
        /// Which one.
        code: CouponCode,
        /// How often it may be used in all.
        limit: u32,
    },
    /// The account used it as often as it may; checkouts that are still open count.
    #[error("this account has used the coupon `{code}` {used} of {limit} times, open checkouts included")]
    UsedUp {
        /// Which one.
        code: CouponCode,
        /// How often an account may use it.
        limit: u32,
        /// How often this one did.
        used: u32,
    },
    /// The account bought something before.
    #[error("the coupon `{code}` is for an account's first purchase")]
    FirstPurchaseOnly {
        /// Which one.
        code: CouponCode,
    },
    /// It does nothing here.
    #[error("the coupon `{code}` cannot be used here: {why}")]
    NotApplicable {
        /// Which one.
        code: CouponCode,
        /// Why not.
        why: &'static str,
    },
    /// Another coupon has the code.
    #[error("the code `{code}` is taken")]
    CodeTaken {
        /// Which one.
        code: CouponCode,
    },
    /// What it does cannot change any more, because somebody counts on it.
    #[error("the coupon `{code}` was used {uses} times: what it does, and for how long, stays as it is")]
    InUse {
        /// Which one.
        code: CouponCode,
        /// How often it was used.
        uses: i64,
    },
}

impl CouponRefusal {
    /// The stable code that callers may rely on.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unknown { .. } => "coupon_not_found",
            Self::Inactive { .. } => "coupon_inactive",
            Self::NotStarted { .. } => "coupon_not_started",
            Self::Expired { .. } => "coupon_expired",
            Self::Exhausted { .. } => "coupon_exhausted",
            Self::UsedUp { .. } => "coupon_used_up",
            Self::FirstPurchaseOnly { .. } => "coupon_first_purchase_only",
            Self::NotApplicable { .. } => "coupon_not_applicable",
            Self::CodeTaken { .. } => "code_taken",
            Self::InUse { .. } => "coupon_in_use",
        }
    }
}
