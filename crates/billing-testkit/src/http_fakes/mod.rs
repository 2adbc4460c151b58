//! Providers' HTTP APIs, served from this process.
//!
//! Adapters are tested against these: real requests over a real connection, answered by something that is as
//! strict as the provider and keeps its manners about keys, errors and retries. What a fake does not know it
//! refuses, so that a wrong request is found here and not by a customer.

pub mod creem;
mod server;
pub mod stripe;
