//! Usage: priced by a rate card, and recorded.
//!
//! A price need not be a whole number of credits. The fraction of a credit is carried per account and meter, so that
//! over all usage of a meter: Σ price = Σ credits taken + Σ uncovered credits + carry + Σ fractions captured by open
//! holds.
//!
//! For rates with monthly tiers, the account's units are counted by meter, month, quantity and rate: Σ units of the
//! month's usage, less reversed ones = the counter.

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
