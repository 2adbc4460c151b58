//! The loop of read, decide and commit, repeated on conflicts.

use std::future::Future;
use std::time::Duration;

use crate::BillingError;
use crate::billing::Ports;
use crate::jobs::Backoff;
use crate::ports::{CommitError, StoreError};

/// The maximum number of attempts.
const TRIES: u32 = 5;

/// Why an attempt of a use case ended without a result.
pub(super) enum Again {
    /// A row has changed between read and commit: read again.
    Conflict,
    /// It failed permanently.
    Failed(BillingError),
}

/// Runs `once` until it ends without a conflict, at most five times, with a random and growing wait in between. `once`
/// reads its data anew each time.
pub(super) async fn retry<T, F>(ports: &Ports, mut once: impl FnMut() -> F) -> Result<T, BillingError>
where
    F: Future<Output = Result<T, Again>>,
{
    for tries in 0..TRIES {
        if tries > 0 {
            let wait = Backoff::CONFLICT.wait(tries, ports.timer.random());
            ports.timer.sleep(Duration::from_micros(wait.unsigned_abs())).await;
        }
        match once().await {
            Ok(done) => return Ok(done),
            Err(Again::Conflict) => {}
            Err(Again::Failed(error)) => return Err(error),
        }
    }
    Err(StoreError::Busy.into())
}

impl From<CommitError> for Again {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Conflict => Self::Conflict,
            other => Self::Failed(other.into()),
        }
    }
}

impl<E: Into<BillingError>> From<E> for Again
where
    E: NotACommit,
{
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// The errors that are not retried.
pub(super) trait NotACommit {}
impl NotACommit for BillingError {}
impl NotACommit for StoreError {}
impl NotACommit for crate::catalog::CatalogRefusal {}
impl NotACommit for crate::catalog::RatingRefusal {}
impl NotACommit for crate::coupons::CouponRefusal {}
impl NotACommit for crate::gifts::GiftRefusal {}
impl NotACommit for crate::checkin::CheckInRefusal {}
impl NotACommit for super::CheckoutRefusal {}
