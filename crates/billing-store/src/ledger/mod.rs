//! The ledger's ports.

mod audit;
mod load;
mod load_live;
mod load_named;
mod load_recorded;
mod post;
mod query;
mod records;
mod rows;
mod seals;
mod sets;
mod write;

pub(crate) use post::post_in;
