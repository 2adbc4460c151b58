//! Publishes checkpoints of the ledger.

use std::time::Duration;

use actix_web::web::Data;
use billing_core::ports::StoreError;
use billing_core::{Billing, BillingError};
use tokio::sync::watch;

use crate::metrics::Metrics;

/// Publishes a checkpoint over the changes every `every`, until `stop`.
pub(super) async fn publish_checkpoints(
    billing: Billing,
    metrics: Data<Metrics>,
    every: Duration,
    mut stop: watch::Receiver<bool>,
) {
    while !*stop.borrow() {
        match billing.publish_checkpoint().await {
            Ok(Some(checkpoint)) => {
                let (number, accounts, hash) = (checkpoint.number, checkpoint.heads, checkpoint.hash());
                // The log is a copy of the hash outside of the database.
                tracing::info!(number, accounts, %hash, "a checkpoint of the ledger was published");
            }
            Ok(None) => {}
            // The database differs from what was published before: nothing is signed on top of it.
            Err(BillingError::Store(StoreError::Corrupt(what))) => {
                metrics.count_checkpoint_failure();
                tracing::error!(what, "checkpoints do not hold");
            }
            Err(error) => {
                metrics.count_checkpoint_failure();
                tracing::warn!(%error, "no checkpoint of the ledger could be published");
            }
        }
        tokio::select! {
            () = tokio::time::sleep(every) => {}
            _ = stop.changed() => {}
        }
    }
}
