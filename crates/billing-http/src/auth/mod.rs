//! Who is calling.

mod caller;
mod jwt;

pub(crate) use caller::{Caller, admit};
pub(crate) use jwt::Jwt;
pub use jwt::{JwtConfig, JwtConfigError};
