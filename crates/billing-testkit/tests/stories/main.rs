//! Stories of customers, run on the memory store and a scripted provider.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a story that cannot go on has failed")]

mod abandoned_checkouts;
mod calendar;
mod catalog_files;
mod check_ins;
mod checkouts;
mod complimentary;
mod corner_cases;
mod coupons;
mod crashes;
mod credits;
mod deadlines;
mod decide_laws;
mod events;
mod free_plan;
mod gifts;
mod hard_cases;
mod items;
mod jobs;
mod lifetimes;
mod lists;
mod old_prices;
mod one_subscription;
mod plan_changes;
mod rates;
mod refunds;
mod reports;
mod shop;
mod subscription_keys;
mod subscriptions;
mod time;
