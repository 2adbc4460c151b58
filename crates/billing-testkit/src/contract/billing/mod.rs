//! Writing many things together.

mod atomicity;
mod receipts;
mod uniqueness;
mod versions;

pub use atomicity::*;
pub use receipts::*;
pub use uniqueness::*;
pub use versions::*;
