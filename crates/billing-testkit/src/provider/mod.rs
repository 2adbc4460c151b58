//! A payment provider that does what it was told.

mod scripted;
mod webhooks;

pub use scripted::{Asked, ScriptedProvider, Silence};
pub use webhooks::Delivery;
