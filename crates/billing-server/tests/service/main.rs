//! The real binary, as its users run it.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

mod audit;
mod catalog;
mod client;
mod commands;
mod coupons;
mod expiry;
mod first_start;
mod gifts;
mod journey;
mod kill;
mod process;
mod processes;
mod refusals;
mod rush;
mod secrets;
mod stripe;
mod trouble;
