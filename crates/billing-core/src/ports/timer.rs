//! Delays, deadlines and randomness.

use std::time::Duration;

use async_trait::async_trait;

/// Waits between retries, randomizes them, and enforces deadlines.
#[async_trait]
pub trait Timer: Send + Sync {
    /// Completes once `duration` has passed.
    async fn sleep(&self, duration: Duration);

    /// Completes after the deadline `duration`; never, if deadlines are disabled.
    async fn deadline(&self, duration: Duration) {
        self.sleep(duration).await;
    }

    /// A random number, evenly distributed over all values.
    fn random(&self) -> u64;
}

/// Never waits before a retry, always takes the shortest backoff, and enforces no deadline.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoTimer;

#[async_trait]
impl Timer for NoTimer {
    async fn sleep(&self, _: Duration) {}

    async fn deadline(&self, _: Duration) {
        std::future::pending::<()>().await;
    }

    fn random(&self) -> u64 {
        0
    }
}
