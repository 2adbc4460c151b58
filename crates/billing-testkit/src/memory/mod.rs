//! A store that keeps everything in memory, with the semantics of a real one.
//!
//! One mutex stands for the database's transactions. The rules are the core's own: postings go through
//! [`fold`](billing_core::ledger::fold), nothing is restated here. What is left to this module is what a
//! database does: keep rows, compare versions, guard what is unique, and write all or nothing.

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
