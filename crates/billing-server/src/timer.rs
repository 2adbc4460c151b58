//! Waiting, and chance.

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
        // Without randomness waits are shorter and not spread out, which is no reason to fail.
        random_bytes().map_or(0, u64::from_le_bytes)
    }
}
