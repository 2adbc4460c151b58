//! A manual clock.

use std::sync::atomic::{AtomicI64, Ordering};

use billing_core::ports::Clock;
use billing_core::values::Timestamp;

/// A clock that stands still until it is set. Share it behind an `Arc`.
#[derive(Debug)]
pub struct ManualClock {
    micros: AtomicI64,
}

impl ManualClock {
    /// A clock at `now`.
    pub fn at(now: Timestamp) -> Self {
        Self { micros: AtomicI64::new(now.micros()) }
    }

    /// Sets it to `now`, forward or backward.
    pub fn set(&self, now: Timestamp) {
        self.micros.store(now.micros(), Ordering::SeqCst);
    }

    /// Moves it by `seconds`, backward if negative.
    pub fn advance(&self, seconds: i64) {
        self.set(self.now().plus_seconds(seconds));
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.micros.load(Ordering::SeqCst))
    }
}
