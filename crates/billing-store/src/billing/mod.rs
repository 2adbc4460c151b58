//! The cold path's ports.

mod accounts;
mod catalog;
mod check_ins;
mod commit;
mod coupons;
mod credentials;
mod gifts;
mod orders;
mod payments;
mod provider_prices;
mod sales_reports;
mod subscriptions;
mod versioned;
