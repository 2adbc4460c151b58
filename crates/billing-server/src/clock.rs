//! The system clock.

use billing_core::ports::Clock;
use billing_core::values::Timestamp;
use time::OffsetDateTime;

/// The system's clock.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the system what time it is")]
    fn now(&self) -> Timestamp {
        OffsetDateTime::now_utc().into()
    }
}
