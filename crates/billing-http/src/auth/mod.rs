//! Who is calling.

mod caller;
mod jwt;

pub(crate) use caller::Caller;
pub(crate) use jwt::Jwt;
pub use jwt::{JwtConfig, JwtConfigError};
