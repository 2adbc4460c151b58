//! The HTTP API of billing, as an actix-web scope: mounted by the service, or by any actix application that embeds
//! billing.
//!
//! A handler parses, calls one method of [`Billing`](billing_core::Billing), and renders. Permissions are in one table
//! ([`access`]), the form of errors in another ([`problem`]).
//!
//! ```no_run
//! use actix_web::{App, web::Data};
//! use billing_http::{Api, routes};
//! # fn app(api: Data<Api>) {
//! let app = App::new().configure(routes(api));
//! # }
//! ```

pub mod access;
mod api;
mod auth;
mod dto;
mod health_check;
pub mod openapi;
pub mod problem;
pub mod proof_document;
mod request;
mod routes;

pub use api::{Api, ApiBuilder, Metrics, Readiness};
pub use auth::{JwtConfig, JwtConfigError};
pub use routes::routes;
