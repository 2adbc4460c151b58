//! Daily check-in: free credits for returning users.

mod award;
mod check_in;
mod config;

pub use award::{Standing, award, standing};
pub use check_in::{CheckIn, CheckInRefusal};
pub use config::{CheckInConfig, StreakBonus};
