//! What customers live through, told on the memory store and a provider that follows a script.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a story that cannot go on has failed")]

mod catalog_files;
mod check_ins;
mod checkouts;
mod coupons;
mod crashes;
mod credits;
mod events;
mod lists;
mod rates;
mod reports;
mod shop;
mod subscriptions;
mod time;
