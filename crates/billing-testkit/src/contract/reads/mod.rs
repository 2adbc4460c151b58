//! Committed values are read unchanged, with `version + 1`.

mod accounts;
mod catalog;
mod check_ins;
mod coupons;
mod credentials;
mod gifts;
mod orders;
mod payments;
mod rate_cards;
mod sales_reports;
mod subscription_commands;
mod subscriptions;

pub use accounts::*;
pub use catalog::*;
pub use check_ins::*;
pub use coupons::*;
pub use credentials::*;
pub use gifts::*;
pub use orders::*;
pub use payments::*;
pub use rate_cards::*;
pub use sales_reports::*;
pub use subscription_commands::*;
pub use subscriptions::*;
