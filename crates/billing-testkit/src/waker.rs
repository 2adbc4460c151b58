//! A counting waker.

use std::sync::atomic::{AtomicUsize, Ordering};

use billing_core::ports::Waker;

/// Counts its wake-ups.
#[derive(Debug, Default)]
pub struct CountingWaker {
    nudges: AtomicUsize,
}

impl CountingWaker {
    /// The number of wake-ups so far.
    pub fn nudges(&self) -> usize {
        self.nudges.load(Ordering::SeqCst)
    }
}

impl Waker for CountingWaker {
    fn wake(&self) {
        self.nudges.fetch_add(1, Ordering::SeqCst);
    }
}
