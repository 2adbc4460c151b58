//! What every payment provider keeps, and its table of abilities with it.
//!
//! Every case takes a [`ProviderStage`]: a provider on a stage of its own, where somebody can pay and things can go
//! wrong. [`provider_contract!`](crate::provider_contract) makes a test of each.

mod checkouts;
mod events;
mod money;
mod stage;
mod subscriptions;
mod trouble;

pub use checkouts::*;
pub use events::*;
pub use money::*;
pub use stage::{ProviderStage, Trouble};
pub use subscriptions::*;
pub use trouble::*;
