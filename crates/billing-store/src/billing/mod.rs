//! The ports of the cold path.

mod admin_reads;
mod billing_reads;
mod catalog;
mod commit;
mod coupons;
mod credentials;
mod gifts;
mod provider_prices;
mod versioned;
