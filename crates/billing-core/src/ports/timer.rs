//! Waiting, and chance.

use std::time::Duration;

use async_trait::async_trait;

/// Waits between retries, spreads them out, and ends what takes too long.
#[async_trait]
pub trait Timer: Send + Sync {
    /// Completes once `duration` has passed.
    async fn sleep(&self, duration: Duration);

    /// Completes once `duration` is over within which something has to end; never where nothing is given up.
    async fn deadline(&self, duration: Duration) {
        self.sleep(duration).await;
    }

    /// A random number, evenly distributed over all values.
    fn random(&self) -> u64;
}

/// Does not wait before a retry, always takes the shortest wait, and gives nothing up.
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
