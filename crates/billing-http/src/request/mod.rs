//! Parsing of requests: bodies, queries, keys.

mod body;
mod card_numbers;
mod deadline;
mod exact;
mod idempotency;
mod import;
mod json;
mod query;
mod unknown_parameters;
mod whole;
pub(crate) mod words;

pub(crate) use body::{Body, OptionalBody, raw_body};
pub(crate) use deadline::end_in_time;
pub(crate) use exact::Exact;
pub(crate) use idempotency::{optional_key, required_key};
pub(crate) use import::{Line, import_lines};
pub(crate) use query::{PageQuery, Query, path_id};
pub(crate) use unknown_parameters::check_parameters;
pub(crate) use whole::{Whole, whole_if_sent};
pub(crate) use words::Asked;
