//! Every contract suite on SQLite.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

mod common;

billing_testkit::store_contract!(common::on_sqlite);
