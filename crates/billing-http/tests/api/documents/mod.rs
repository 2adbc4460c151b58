//! The native API's answers have the shape that its document shows.

mod catalog;
mod checkin;
mod credits;
mod orders;
mod rates;
mod reports;
