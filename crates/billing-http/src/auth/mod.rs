//! Authentication.

mod caller;
mod jwt;
mod known_keys;

pub(crate) use caller::{Caller, admit};
pub(crate) use jwt::Jwt;
pub use jwt::{JwtConfig, JwtConfigError};
pub(crate) use known_keys::KnownKeys;
