//! The ledger's ports.

mod account_cache;
mod among;
mod audit;
mod audit_load;
mod audit_stream;
mod balances;
mod burning_grant;
mod captures;
mod carries;
mod checkpoints;
mod day_key;
mod due;
mod erasure;
mod json_rows;
mod load;
mod load_live;
mod load_named;
mod load_recorded;
mod load_usages;
mod locked_accounts;
mod months;
mod optimistic_backoff;
mod optimistic_post;
mod point_in_time;
mod post;
mod postgres;
mod query;
mod record;
mod reports;
mod rows;
mod usage;
mod usages;
mod write;

pub(crate) use optimistic_post::OptimisticPost;
pub(crate) use post::post_in;
