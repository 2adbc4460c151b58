//! What the API promises, told over a store in memory.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

mod access;
mod bad_input;
mod common;
mod documents;
mod external;
mod idempotency;
mod openapi;
mod pages;
mod service;
mod tokens;
mod webhooks;
