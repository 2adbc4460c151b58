//! Wake-ups of background work.

/// Wakes the background loops. It only affects latency: work without a wake-up is found in the next round.
pub trait Waker: Send + Sync {
    /// Signals that there is work. Must not block.
    fn wake(&self);
}

/// Does nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoWaker;

impl Waker for NoWaker {
    fn wake(&self) {}
}
