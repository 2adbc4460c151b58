//! Time.

use crate::values::Timestamp;

/// What time it is. Production reads the system's clock, tests move it by hand.
pub trait Clock: Send + Sync {
    /// Now, in UTC, cut to microseconds.
    fn now(&self) -> Timestamp;
}
