//! Read, decide, commit; and again on conflict.

use std::future::Future;
use std::time::Duration;

use crate::BillingError;
use crate::billing::Ports;
use crate::jobs::Backoff;
use crate::ports::{CommitError, StoreError};

/// How often a use case reads again before it gives up.
const TRIES: u32 = 5;

/// How one try of a use case ended without an answer.
pub(super) enum Again {
    /// What was read had changed by the time of the commit: read again.
    Conflict,
    /// It failed for good.
    Failed(BillingError),
}

/// Runs `once` until it does not end in a conflict, five times at most, with a random and growing wait in between.
/// `once` reads whatever it needs anew each time, so that it decides on what is there now.
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

/// The errors after which nothing is tried again.
pub(super) trait NotACommit {}
impl NotACommit for BillingError {}
impl NotACommit for StoreError {}
impl NotACommit for crate::catalog::CatalogRefusal {}
impl NotACommit for crate::catalog::RatingRefusal {}
impl NotACommit for crate::coupons::CouponRefusal {}
impl NotACommit for crate::gifts::GiftRefusal {}
impl NotACommit for crate::checkin::CheckInRefusal {}
impl NotACommit for super::CheckoutRefusal {}
