//! A store that keeps everything in memory, with the semantics of a real one.
//!
//! One mutex stands for the database's transactions. The rules are the core's own: postings go through
//! [`fold`](billing_core::ledger::fold), nothing is restated here. What is left to this module is what a
//! database does: keep rows, compare versions, guard what is unique, and write all or nothing.

mod account_ledger;
mod accounts;
mod catalog;
mod check_ins;
mod checkpoints;
mod cold;
mod commit;
mod coupons;
mod credentials;
mod erasure;
mod gifts;
mod inbox;
mod jobs;
mod ledger;
mod ledger_reads;
mod ledger_reports;
mod orders;
mod paging;
mod payments;
mod sales_reports;
mod store;
mod subscriptions;
mod versions;

pub use store::MemoryStore;
