//! The clock.

use crate::values::Timestamp;

/// The current time. Production reads the system clock; tests set it.
pub trait Clock: Send + Sync {
    /// The current time in UTC, truncated to microseconds.
    fn now(&self) -> Timestamp;
}
