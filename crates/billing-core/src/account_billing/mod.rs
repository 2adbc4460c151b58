//! One account's billing: its state, how facts and time change it, and how it is shown.
//!
//! ```text
//! provider event ────┐
//! provider response ─┼─► Fact ─► decide(AccountBilling) ─► Outcome
//! operator, user ────┘                  │
//! time ───────────────► advance ────────┴─► changes: the difference ─► commit
//! ```
//!
//! Everything here is pure. [`AccountBilling`] is loaded, [`advance`]d to now, and changed by [`decide`]. The rows to
//! write are the difference between before and after, never assembled by hand. Every difference includes the account's
//! row with the version that was read, so that of two concurrent decisions one is repeated.

mod advance;
mod changes;
mod context;
mod decide;
mod entitlement;
mod orders;
mod outcome;
mod refs;
mod source;
mod state;
mod view;

pub use advance::advance;
pub use context::{BillingPolicy, Context};
pub use decide::decide;
pub(crate) use decide::pack_posting;
pub use outcome::Outcome;
pub use refs::FactRefs;
pub use source::{FactOrigin, FactSource};
pub(crate) use state::grant_keys;
pub use state::{AccountBilling, PricedPlan};
pub use view::{BillingView, ShownSubscription, UpcomingInvoice};
