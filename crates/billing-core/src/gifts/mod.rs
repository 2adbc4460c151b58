//! Gifts: a plan for a number of months, bought by another account or given by an operator, its code, its redemption,
//! and the subscription that it starts.

mod begin;
mod code;
mod gift;
mod price;
mod refusal;
mod status;

pub use begin::Begun;
pub use code::GiftCode;
pub use gift::{Gift, GiftOrigin, GiftPlan, MOST_MONTHS, Recipient, Redeemed};
pub use price::gift_price;
pub use refusal::GiftRefusal;
pub use status::GiftStatus;
