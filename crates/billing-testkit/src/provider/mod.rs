//! A scripted payment provider.

mod scripted;
mod webhooks;

pub use scripted::{Asked, ScriptedProvider, Silence};
pub use webhooks::Delivery;
