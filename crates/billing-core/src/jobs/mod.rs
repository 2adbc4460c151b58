//! Background jobs, the retry schedule of failed items, and the circuit breakers of providers.

mod backoff;
mod circuit_breaker;
mod job;
mod report;

pub use backoff::Backoff;
pub use circuit_breaker::{CallOutcome, CircuitBreaker};
pub use job::Job;
pub use report::JobReport;
