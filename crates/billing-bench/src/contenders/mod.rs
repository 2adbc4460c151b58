//! The contenders, a file each.
//!
//! They are written for speed: prepared statements, a pool of their own, no mapper. Each has its own database on the
//! same server.

mod bare_rows;
mod bare_tables;
mod gathering;
mod http;
mod metered;
mod mix;
mod naive;
mod one_statement;
mod ours;
mod same_rows;
mod sqlite_rows;

pub(crate) use bare_rows::{BareRows, bare_rows_statements};
pub(crate) use bare_tables::make_bare_tables;
pub(crate) use gathering::Gathering;
pub(crate) use http::{Batches, Http, Reader};
pub(crate) use metered::Metered;
pub(crate) use mix::Mix;
pub(crate) use naive::Naive;
pub(crate) use one_statement::OneStatement;
pub(crate) use ours::{Ids, Ours, give, now, take};
pub(crate) use same_rows::SameRows;
pub(crate) use sqlite_rows::SqliteRows;
