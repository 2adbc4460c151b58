//! Group commit in front of the ledger's port.
//!
//! If a database syncs each commit, every spend waits for the one before. [`Batched`] implements the same port as the
//! store behind it and gathers calls: those that arrive during a commit are in the next one. No batch is delayed to
//! grow, so a single caller waits no longer than without it.
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
//!     // … serve, and after the last call:
//!     ledger.drain().await;
//!     drop(billing);
//! }
//! ```
//!
//! # Structure
//!
//! Accounts are spread by hash over a few writers; fewer are used under low load, and a busy account stays with its
//! writer. Each writer is a task with its own queue of a bounded number of postings; what does not fit is refused with
//! [`Overloaded`](billing_core::ports::StoreError::Overloaded) at once. A queue has two lanes: postings that only grant
//! credits go before all others, so that no flood of usage delays a purchase. Each lane is first in, first out.
//!
//! [`GatheredReads`] does the same for reads of balances: one query for all waiting callers.
//!
//! A call's postings are as independent of each other as those of several calls: one outcome each. They are queued
//! together or not at all. Those of one writer share a transaction; those of several writers do not, so some can be
//! applied and others not. The call then fails with
//! [`OutcomeUnknown`](billing_core::ports::StoreError::OutcomeUnknown): repeated with the same keys, it returns the
//! outcomes of what was applied and applies the rest.
//!
//! # Failures
//!
//! | the store returns | then |
//! |---|---|
//! | `Busy` | the batch is retried a few times, then all its calls fail |
//! | `LockTimeout` | the batch continues without the locked accounts; their calls are retried apart from all others, and fail after [`lock_patience`](BatchConfig::lock_patience) |
//! | `Unavailable`, `StorageFull`, `ReadOnly` | all its calls fail |
//! | nothing for [`stuck_after`](BatchConfig::stuck_after) | the writer posts the next batches beside it |
//! | nothing for [`answer_within`](BatchConfig::answer_within) | all its calls fail with `OutcomeUnknown` |
//! | `OutcomeUnknown` | the batch is posted once more: what was applied is found under its keys, the rest is applied now. If that fails too, all its calls fail |
//! | `Unexpected`, `Corrupt`, or a panic | the batch is split in two and each half retried, down to the call that causes it; only that one fails |
//!
//! An outcome of the second attempt is marked `replayed` if its key was used by the first one. Which of the two applied
//! it cannot be known, and makes no difference.

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
