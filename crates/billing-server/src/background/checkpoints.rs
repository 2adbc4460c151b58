//! Publishing roots of the ledger.

use std::time::Duration;

use billing_core::Billing;
use tokio::sync::watch;

/// Publishes a root over what changed every `every`, until `stop` says so.
pub(super) async fn publish_checkpoint(billing: Billing, every: Duration, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        match billing.publish_checkpoint().await {
            Ok(Some(checkpoint)) => {
                let (number, accounts, hash) = (checkpoint.number, checkpoint.heads, checkpoint.hash());
                // The log is a copy of the root outside the database.
                tracing::info!(number, accounts, %hash, "a root of the ledger was published");
            }
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, "no root of the ledger could be published"),
        }
        tokio::select! {
            () = tokio::time::sleep(every) => {}
            _ = stop.changed() => {}
        }
    }
}
