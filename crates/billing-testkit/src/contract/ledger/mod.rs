//! Where postings are carried out, and what is read of them.

mod batches;
mod burn_order;
mod edges;
mod expiry;
mod facts;
mod holds;
mod keys;
mod later;
mod lists;
mod moments;
mod proofs;
mod reads;
mod reports;
mod returns;
mod rush;
mod spending;
mod time;
mod twin;

pub use batches::*;
pub use burn_order::*;
pub use edges::*;
pub use expiry::*;
pub use facts::*;
pub use holds::*;
pub use keys::*;
pub use later::*;
pub use lists::*;
pub use moments::*;
pub use proofs::*;
pub use reads::*;
pub use reports::*;
pub use returns::*;
pub use rush::*;
pub use spending::*;
pub use time::*;
