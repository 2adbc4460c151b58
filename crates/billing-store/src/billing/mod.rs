//! The cold path's ports.

mod admin_reads;
mod billing_reads;
mod catalog;
mod commit;
mod coupons;
mod credentials;
mod gifts;
mod provider_prices;
mod versioned;
