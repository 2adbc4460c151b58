//! One suite per port, run against every implementation.
//!
//! Every case is a function that takes a fresh, empty store. [`store_contract!`](crate::store_contract) makes
//! a test of each, so that each shows by its own name:
//!
//! ```
//! use std::sync::Arc;
//!
//! use billing_testkit::MemoryStore;
//! use billing_testkit::contract::Case;
//!
//! async fn in_memory(case: Case) {
//!     case(Arc::new(MemoryStore::new())).await;
//! }
//!
//! billing_testkit::store_contract!(in_memory);
//! # fn main() {}
//! ```
//!
//! The runner creates the store and cleans up after the case. To clean up also after a panic, it runs the case's
//! future as a task and checks its result.
//!
//! Cases assume nothing about the database beyond the ports' documentation: under contention a store may answer busy,
//! and cases retry as a caller would.
#![expect(clippy::missing_panics_doc, reason = "a case that does not hold panics: that is its purpose")]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a case that does not hold panics: that is its purpose"
)]

pub mod billing;
mod case;
pub mod inbox;
pub mod jobs;
pub mod ledger;
mod macros;
mod patience;
pub mod provider;
pub mod reads;
mod world;

pub use case::{Case, CaseFuture};
