//! What the writer promises, over a store that does what each test tells it.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly, and a store too")]

mod drain;
mod failures;
mod lanes;
mod locked;
mod order;
mod overload;
mod scripted;
mod stuck;
