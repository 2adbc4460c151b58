//! What the API promises, told over a store in memory.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]
#![expect(clippy::needless_pass_by_value, reason = "schemas are written where they are passed")]

mod access;
mod bad_input;
mod common;
mod currencies;
mod deadlines;
mod documents;
mod external;
mod holds;
mod idempotency;
mod import;
mod openapi;
mod operators;
mod overview;
mod pages;
mod parameters;
mod sales;
mod service;
mod spending;
mod subscription;
mod tokens;
mod usage;
mod views;
mod webhooks;
