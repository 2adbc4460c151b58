//! A payment provider that does what it was told.

mod scripted;
mod webhooks;

pub use scripted::{Asked, ScriptedProvider};
pub use webhooks::Delivery;
