//! Twelve failures that public projects had with Stripe, each by its name, and that none of them can happen here.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

#[expect(dead_code, reason = "not every test needs all of it")]
#[path = "../common/mod.rs"]
mod common;
mod money;
mod shop;
mod subscribing;
mod taking_in;
