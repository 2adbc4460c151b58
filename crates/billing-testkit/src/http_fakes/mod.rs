//! Fakes of providers' HTTP APIs, served from this process.
//!
//! Adapters are tested against these: real requests over real connections, with the provider's strictness and its
//! behavior of keys, errors and retries. A fake refuses everything that it does not know, so that an invalid request
//! is found by a test.

pub mod creem;
mod server;
pub mod stripe;
