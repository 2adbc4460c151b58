//! The ledger's ports.

mod among;
mod at_once;
mod audit;
mod audit_load;
mod balances;
mod crowding;
mod due;
mod load;
mod load_live;
mod load_named;
mod load_recorded;
mod moments;
mod post;
mod query;
mod record;
mod records;
mod remembered;
mod reports;
mod rows;
mod seals;
mod sets;
mod usage;
mod write;

pub(crate) use at_once::AtOnce;
pub(crate) use post::post_in;
