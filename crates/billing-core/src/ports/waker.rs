//! A nudge for background work.

/// Tells whoever runs background work that there is some. Nothing depends on it but how soon it is done:
/// work that nobody was told of is found on the next round.
pub trait Waker: Send + Sync {
    /// There is work. Must not block.
    fn wake(&self);
}

/// Tells nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoWaker;

impl Waker for NoWaker {
    fn wake(&self) {}
}
