//! Waiting, and chance.

use std::time::Duration;

use async_trait::async_trait;

/// Waits between retries and spreads them out. Nothing that is decided depends on either.
#[async_trait]
pub trait Timer: Send + Sync {
    /// Completes once `duration` has passed.
    async fn sleep(&self, duration: Duration);

    /// A random number, evenly distributed over all values.
    fn random(&self) -> u64;
}

/// Does not wait, and always takes the shortest wait.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoTimer;

#[async_trait]
impl Timer for NoTimer {
    async fn sleep(&self, _: Duration) {}

    fn random(&self) -> u64 {
        0
    }
}
