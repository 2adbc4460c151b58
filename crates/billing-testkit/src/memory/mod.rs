//! An in-memory store with the semantics of a real one.
//!
//! One mutex replaces the database's transactions. The rules are the core's own: postings go through
//! [`fold`](billing_core::ledger::fold), nothing is restated here. This module does what a database does: it stores
//! rows, compares versions, enforces uniqueness, and writes atomically.

mod account_ledger;
mod admin_reads;
mod billing_reads;
mod catalog;
mod checkpoints;
mod cold;
mod commit;
mod coupons;
mod credentials;
mod inbox;
mod jobs;
mod ledger;
mod ledger_reads;
mod ledger_reports;
mod paging;
mod store;
mod versions;

pub use store::MemoryStore;
