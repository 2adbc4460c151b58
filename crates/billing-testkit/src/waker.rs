//! A waker that counts.

use std::sync::atomic::{AtomicUsize, Ordering};

use billing_core::ports::Waker;

/// Remembers how often it was nudged.
#[derive(Debug, Default)]
pub struct CountingWaker {
    nudges: AtomicUsize,
}

impl CountingWaker {
    /// How often it was nudged so far.
    pub fn nudges(&self) -> usize {
        self.nudges.load(Ordering::SeqCst)
    }
}

impl Waker for CountingWaker {
    fn wake(&self) {
        self.nudges.fetch_add(1, Ordering::SeqCst);
    }
}
