//! The native API's answers have the shape that its document shows.

mod catalog;
mod checkin;
mod coupons;
mod credits;
mod gifts;
mod orders;
mod rates;
mod reports;
mod tiers;
