//! Writing several nouns together.

mod atomicity;
mod coupons;
mod gifts;
mod receipts;
mod uniqueness;
mod versions;

pub use atomicity::*;
pub use coupons::*;
pub use gifts::*;
pub use receipts::*;
pub use uniqueness::*;
pub use versions::*;
