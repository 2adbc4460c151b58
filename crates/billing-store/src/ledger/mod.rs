//! The ledger's ports.

mod load;
mod post;
mod query;
mod write;

pub(crate) use post::post_in;
