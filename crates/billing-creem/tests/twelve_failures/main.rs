//! Twelve failures that public projects had with Creem, each by its name, and that none of them can happen here.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

mod calls;
mod money;
mod shop;
mod subscribing;
mod taking_in;
