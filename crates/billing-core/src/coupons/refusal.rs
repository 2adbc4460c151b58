//! Why a coupon cannot be used or published.

use super::CouponCode;
use crate::values::Timestamp;

/// Why a coupon cannot be used or published.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CouponRefusal {
    /// No coupon has the code.
    #[error("there is no coupon `{code}`")]
    Unknown {
        /// The input.
        code: String,
    },
    /// It is not active.
    #[error("the coupon `{code}` is not active")]
    Inactive {
        /// The code.
        code: CouponCode,
    },
    /// Its validity has not started.
    #[error("the coupon `{code}` can be used from {starts_at} on")]
    NotStarted {
        /// The code.
        code: CouponCode,
        /// The start of its validity.
        starts_at: Timestamp,
    },
    /// Its validity has ended.
    #[error("the coupon `{code}` could be used until {ended_at}")]
    Expired {
        /// The code.
        code: CouponCode,
        /// The end of its validity.
        ended_at: Timestamp,
    },
    /// The total limit is reached.
    #[error("the coupon `{code}` was used as often as it may be: {limit} times")]
    Exhausted {
        /// The code.
        code: CouponCode,
        /// The total limit.
        limit: u32,
    },
    /// The account's limit is reached; open checkouts count.
    #[error("this account has used the coupon `{code}` {used} of {limit} times, open checkouts included")]
    UsedUp {
        /// The code.
        code: CouponCode,
        /// The limit per account.
        limit: u32,
        /// The account's uses.
        used: u32,
    },
    /// The account has bought something before.
    #[error("the coupon `{code}` is for an account's first purchase")]
    FirstPurchaseOnly {
        /// The code.
        code: CouponCode,
    },
    /// It does not apply here.
    #[error("the coupon `{code}` cannot be used here: {why}")]
    NotApplicable {
        /// The code.
        code: CouponCode,
        /// The reason.
        why: &'static str,
    },
    /// Another coupon has the code.
    #[error("the code `{code}` is taken")]
    CodeTaken {
        /// The code.
        code: CouponCode,
    },
    /// Its effect cannot change after the first use.
    #[error("the coupon `{code}` was used {uses} times: its effect and duration cannot change any more")]
    InUse {
        /// The code.
        code: CouponCode,
        /// The number of uses.
        uses: i64,
    },
}

impl CouponRefusal {
    /// The stable error code of the API.
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
