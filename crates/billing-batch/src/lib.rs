//! Group commit in front of the ledger's port.
//!
//! A database that syncs each commit makes every spend wait for the spend before it. [`Batched`] has the same
//! port as the store behind it and gathers what callers ask for: whoever comes while a commit is under way
//! is in the next one. Nobody lingers for company, so a lone caller waits no longer than without it.
//!
//! ```
//! use std::sync::Arc;
//!
//! use billing_batch::{BatchConfig, Batched};
//! use billing_core::Billing;
//! use billing_core::ports::{Clock, IdSource, StorePorts};
//!
//! async fn put_together(store: StorePorts, clock: Arc<dyn Clock>, ids: Arc<dyn IdSource>) {
//!     let ledger = Arc::new(Batched::start(store.ledger.clone(), BatchConfig::default()));
//!     let billing = Billing::builder(store, clock, ids).ledger(ledger.clone()).build();
//!     // … serve, and when nobody asks any more:
//!     ledger.drain().await;
//!     drop(billing);
//! }
//! ```
//!
//! # How it goes
//!
//! Accounts are spread by hash over a few writers, over the fewer the less is asked for; one that is busy stays
//! with its writer. Each writer is a task with a queue of its own, which holds a bounded number of postings;
//! whoever does not fit is told [`Overloaded`](billing_core::ports::StoreError::Overloaded) at once. A queue has
//! two lanes: postings that only give credits go before all others, so that no flood of usage keeps a purchase
//! waiting. In a lane, what came first goes first.
//!
//! [`GatheredReads`] does for balances what [`Batched`] does for postings: one question for all who wait.
//!
//! A call's postings are as independent of each other as those of several calls: one outcome each. They are
//! put into the queues together or not at all. Those of one writer share a transaction; those of several
//! writers do not, so that some can be done and others not. That is told as
//! [`OutcomeUnknown`](billing_core::ports::StoreError::OutcomeUnknown): the same call again, with the same
//! keys, answers what was done and does the rest.
//!
//! # When something fails
//!
//! | the store says | then |
//! |---|---|
//! | `Busy` | the batch is tried again a few times, then everybody in it is told |
//! | `LockTimeout` | the batch goes on without the accounts that are locked; their calls are tried again apart from all others, and are told after [`lock_patience`](BatchConfig::lock_patience) |
//! | `Unavailable`, `StorageFull`, `ReadOnly` | everybody in it is told |
//! | nothing for [`stuck_after`](BatchConfig::stuck_after) | the writer carries out the next batches beside it |
//! | nothing for [`answer_within`](BatchConfig::answer_within) | everybody in it is told `OutcomeUnknown` |
//! | `OutcomeUnknown` | the batch is posted once more: what was done is found under its keys, what was not is done now. If that fails too, everybody in it is told |
//! | `Unexpected`, `Corrupt`, or it panics | the batch is cut in two and each half tried, down to the one call that it is about; only that one is told |
//!
//! An answer that was found by a second look says `replayed`, since its key had been seen: by the first
//! look. Which of the two it was cannot be known, and makes no difference to what was done.

mod batched;
mod call;
mod config;
mod locked_lane;
mod queue;
mod reads;
mod settle;
mod shard;
mod stats;
mod stuck;
mod writer;

pub use batched::Batched;
pub use config::BatchConfig;
pub use reads::{GatheredReads, ReadConfig};
pub use stats::{Histogram, Stats};
