//! Delays and randomness.

use std::time::Duration;

use async_trait::async_trait;
use billing_core::ports::Timer;

use crate::ids::random_bytes;

/// The runtime's timer and the system's randomness.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct SystemTimer;

#[async_trait]
impl Timer for SystemTimer {
    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }

    fn random(&self) -> u64 {
        // Without randomness backoffs are shorter and not spread, which is acceptable.
        random_bytes().map_or(0, u64::from_le_bytes)
    }
}
