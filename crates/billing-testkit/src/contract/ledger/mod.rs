//! Where postings are carried out, and what is read of them.

mod batches;
mod burn_order;
mod edges;
mod expiry;
mod facts;
mod keys;
mod lists;
mod reads;
mod rush;
mod spending;

pub use batches::*;
pub use burn_order::*;
pub use edges::*;
pub use expiry::*;
pub use facts::*;
pub use keys::*;
pub use lists::*;
pub use reads::*;
pub use rush::*;
pub use spending::*;
