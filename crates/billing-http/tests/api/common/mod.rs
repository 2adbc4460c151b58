//! The API over a store in memory, a clock that is moved by hand and a provider that follows a script.

mod answer;
mod schema;
pub(crate) mod shapes;
mod snapshot;
mod token;
mod world;

pub(crate) use answer::Answer;
pub(crate) use schema::{matches_schema, violations};
pub(crate) use token::{AUDIENCE, ISSUER, SECRET, claims, sign, sign_parts, signed_with, token_with};
pub(crate) use world::{Ask, BOOTSTRAP, World, jwt_config};
