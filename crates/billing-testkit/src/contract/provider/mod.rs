//! The contract of payment providers and their capabilities.
//!
//! Every case takes a [`ProviderStage`]: a provider with simulated payments and faults.
//! [`provider_contract!`](crate::provider_contract) makes a test of each.

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
