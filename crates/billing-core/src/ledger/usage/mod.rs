//! What was used: usage that a rate card prices, and what is kept of it.
//!
//! A price need not be a whole number of credits. What is below one is carried for the account and the meter, so that
//! over all usage of a meter: Σ price = Σ credits taken + Σ credits that nothing covered + what is carried + what open
//! holds have captured below one credit.
//!
//! Where a rate's tiers count over a calendar month, the account's units are counted by meter, month, quantity and rate:
//! Σ units of the usage that stands in that month, less what was given back = the counter.

mod capture;
mod carry;
mod left;
mod rated;
mod record;
mod sum;

pub use capture::Capture;
pub use carry::Carry;
pub use left::UsageLeft;
pub use rated::RatedUsage;
pub(super) use rated::Rating;
pub use record::UsageRecord;
pub use sum::{UsageBy, UsageSum};
