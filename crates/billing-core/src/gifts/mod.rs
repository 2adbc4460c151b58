//! A plan for some months that somebody else paid for, or nobody: the code that brings it, who redeemed it, and the
//! subscription that it begins.

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
