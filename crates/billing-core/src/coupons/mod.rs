//! Coupons: discounts, credits or free days by a code, and each use of it.

mod code;
mod coupon;
mod discount;
mod redemption;
mod refusal;
mod terms;

pub use code::{CouponCode, InvalidCode};
pub use coupon::{Coupon, CouponItem};
pub use discount::{Discount, Priced, discount, percent_of};
pub use redemption::{CouponUse, PastUses, Redemption, RedemptionStatus, Settled};
pub use refusal::CouponRefusal;
pub use terms::{CouponEffect, CouponType, Duration, DurationKind, Reduction};
