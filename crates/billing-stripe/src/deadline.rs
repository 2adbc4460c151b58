//! How long a call may take.

use std::future::Future;
use std::time::Duration;

use billing_core::ports::ProviderError;
use tokio::time::timeout;

/// The bounds of a call: with all its requests, their retries and their answers' bodies.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deadlines {
    /// Of a call that changes nothing.
    pub(crate) read: Duration,
    /// Of any other.
    pub(crate) write: Duration,
}

impl Deadlines {
    /// Awaits a call that changes nothing.
    ///
    /// # Errors
    ///
    /// The call's own, or [`ProviderError::Unknown`] once its time is over.
    pub(crate) async fn read<T>(
        self,
        call: impl Future<Output = Result<T, ProviderError>>,
    ) -> Result<T, ProviderError> {
        within(self.read, call).await
    }

    /// Awaits a call that changes something. It may be carried out after its time is over: its key or a read settles
    /// what became of it.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    pub(crate) async fn write<T>(
        self,
        call: impl Future<Output = Result<T, ProviderError>>,
    ) -> Result<T, ProviderError> {
        within(self.write, call).await
    }
}

async fn within<T>(
    bound: Duration,
    call: impl Future<Output = Result<T, ProviderError>>,
) -> Result<T, ProviderError> {
    timeout(bound, call).await.unwrap_or_else(|_| {
        let message = format!("Stripe did not answer within {} ms", bound.as_millis());
        tracing::warn!(message, "a call to Stripe took too long");
        Err(ProviderError::Unknown { message, request_id: None })
    })
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;

    const DEADLINES: Deadlines = Deadlines { read: Duration::from_secs(10), write: Duration::from_secs(30) };

    #[tokio::test(start_paused = true)]
    async fn a_call_that_hangs_has_an_unknown_outcome_when_its_time_is_over() {
        let hangs = std::future::pending::<Result<(), ProviderError>>;
        let begun = Instant::now();
        assert!(matches!(DEADLINES.read(hangs()).await, Err(ProviderError::Unknown { .. })));
        assert_eq!(begun.elapsed(), DEADLINES.read);
        let begun = Instant::now();
        assert!(matches!(DEADLINES.write(hangs()).await, Err(ProviderError::Unknown { .. })));
        assert_eq!(begun.elapsed(), DEADLINES.write);
    }
}
