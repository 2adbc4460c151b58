//! The real binary, as its users run it.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

mod ai_gateway;
mod audit;
mod catalog;
mod client;
mod commands;
mod coupons;
mod expiry;
mod faults;
mod first_start;
#[cfg(target_os = "linux")]
mod full;
mod gifts;
mod journey;
mod kill;
mod process;
mod processes;
mod provider_hangs;
mod readiness;
mod refusals;
mod rush;
mod secrets;
mod shutdown;
mod slow_requests;
mod stripe;
mod tampering;
mod trouble;
mod unusable_database;
