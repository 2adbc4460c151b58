//! The self-audit.

use std::collections::BTreeSet;
use std::time::Duration;

use actix_web::web::Data;
use billing_core::Billing;
use billing_core::ports::AuditScope;
use billing_core::requests::VerifyLedger;
use tokio::sync::watch;

use crate::metrics::Metrics;

/// How long the self-audit rests when nothing has changed.
const AUDIT_ROUND: Duration = Duration::from_secs(10);
/// How many accounts it looks at together.
const AUDIT_ACCOUNTS: u32 = 200;

/// Checks the accounts that were written to since they were last found sound, round after round, until `stop`
/// says so. An account on which something does not hold is frozen; the service goes on. It stays among those that
/// are looked at, and is told of when it is found, not in every round.
pub(super) async fn audit_ledger(billing: Billing, metrics: Data<Metrics>, mut stop: watch::Receiver<bool>) {
    let (mut after, mut told, mut found) = (None, BTreeSet::new(), BTreeSet::new());
    while !*stop.borrow() {
        let (scope, limit) = (AuditScope::Changed, AUDIT_ACCOUNTS);
        let ask = VerifyLedger { scope, whole: false, freeze: true, after, limit };
        after = match billing.verify_ledger(ask).await {
            Ok(report) => {
                metrics.audited(&report, billing.now());
                for (account, what) in report.violations {
                    if !told.contains(&account) {
                        tracing::error!(%account, what, "the ledger does not hold; the account is frozen");
                    }
                    found.insert(account);
                }
                report.last
            }
            Err(error) => {
                tracing::warn!(%error, "the ledger could not be checked");
                None
            }
        };
        if after.is_none() {
            told = std::mem::take(&mut found);
            tokio::select! {
                () = tokio::time::sleep(AUDIT_ROUND) => {}
                _ = stop.changed() => {}
            }
        }
    }
}
