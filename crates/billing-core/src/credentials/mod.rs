//! API keys and their scopes.

mod api_key;
mod key_text;
mod scope;

pub use api_key::ApiKey;
pub use key_text::{KeyHash, KeyText, NotAKey};
pub use scope::{Scope, Scopes};
