//! Retries of busy stores.

use billing_core::changes::Changes;
use billing_core::ledger::{Outcome, Posting};
use billing_core::ports::{CommitError, Committed, StoreError};
use billing_core::values::Timestamp;

use crate::Stores;

/// The number of retries. A store that is busy more often makes no progress.
const TRIES: usize = 100;

/// Posts `batch`, with retries while the store is busy: every posting has its key, so that is safe.
pub(super) async fn post(store: &dyn Stores, batch: Vec<Posting>, now: Timestamp) -> Vec<Outcome> {
    for _ in 0..TRIES {
        match store.post(batch.clone(), now).await {
            Ok(outcomes) => {
                assert_eq!(outcomes.len(), batch.len(), "there is one outcome per posting");
                return outcomes;
            }
            Err(StoreError::Busy) => tokio::task::yield_now().await,
            Err(error) => panic!("posting failed: {error:?}"),
        }
    }
    panic!("the store stays busy")
}

/// Commits `changes`, with retries while the store is busy.
pub(super) async fn commit(
    store: &dyn Stores,
    changes: &Changes,
    now: Timestamp,
) -> Result<Committed, CommitError> {
    for _ in 0..TRIES {
        match store.commit(changes.clone(), now).await {
            Err(CommitError::Store(StoreError::Busy)) => tokio::task::yield_now().await,
            ended => return ended,
        }
    }
    panic!("the store stays busy")
}
