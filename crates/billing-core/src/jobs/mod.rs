//! Background jobs: which there are, when a failed item is tried again, and when a provider is left alone.

mod backoff;
mod circuit_breaker;
mod job;
mod report;

pub use backoff::Backoff;
pub use circuit_breaker::{CallOutcome, CircuitBreaker};
pub use job::Job;
pub use report::JobReport;
