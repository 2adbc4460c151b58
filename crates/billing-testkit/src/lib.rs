//! Test support for billing: an in-memory store, a scripted provider, a manual clock, builders, and the [`contract`]
//! suites that every store has to pass.
//!
//! The fakes have the full semantics: [`MemoryStore`] runs the ledger's own rules and enforces the constraints of a
//! database, so that results on it apply to the databases as well. No clock is read and no random id generated.
//!
//! ```
//! use std::sync::Arc;
//!
//! use billing_core::Billing;
//! use billing_core::payments::Channel;
//! use billing_testkit::builders::{a_spend_request, an_adjustment, an_external_id, noon};
//! use billing_testkit::{ManualClock, MemoryStore, ScriptedProvider, SequentialIds};
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let clock = Arc::new(ManualClock::at(noon()));
//! let billing = Billing::builder(Arc::new(MemoryStore::new()), clock, Arc::new(SequentialIds::new()))
//!     .provider(Arc::new(ScriptedProvider::new(Channel::named("stripe"))))
//!     .build();
//!
//! billing.adjust(an_adjustment("ada", 100, "welcome")).await.unwrap();
//! let spent = billing.spend(a_spend_request("ada", 30, "first")).await.unwrap();
//! assert_eq!(spent.available.get(), 70);
//!
//! // The same request under the same key takes nothing more.
//! assert!(billing.spend(a_spend_request("ada", 30, "first")).await.unwrap().replayed);
//! assert_eq!(billing.balance(&an_external_id("ada")).await.unwrap().available.get(), 70);
//! # });
//! ```

pub mod builders;
mod clock;
pub mod contract;
mod decorated;
pub mod fixtures;
#[cfg(feature = "http-fakes")]
pub mod http_fakes;
mod ids;
mod memory;
mod provider;
mod stores;
mod waker;

pub use clock::ManualClock;
pub use decorated::Decorated;
pub use ids::SequentialIds;
pub use memory::MemoryStore;
pub use provider::{Asked, Delivery, ScriptedProvider, Silence};
pub use stores::Stores;
pub use waker::CountingWaker;
