//! The self-audit: of what has changed, within seconds unless the service is busy, and of all history; both at a
//! bounded pace.

use std::collections::BTreeSet;
use std::time::Duration;

use actix_web::web::Data;
use billing_core::accounts::ExternalId;
use billing_core::ports::AuditScope;
use billing_core::requests::{LedgerReport, VerifyLedger};
use billing_core::{Billing, BillingError};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::metrics::Metrics;

/// How long the self-audit rests when nothing has changed.
const AUDIT_ROUND: Duration = Duration::from_secs(10);
/// How many times longer than a page of changed accounts took the audit rests before the next one. While accounts are
/// written to faster than that it falls behind, and catches up afterwards: callers come first.
const AUDIT_REST: u32 = 3;
/// How many accounts it looks at together.
const AUDIT_ACCOUNTS: u32 = 200;
/// How often it is seen whether the next piece of all history is due.
const PIECE_ROUND: Duration = Duration::from_secs(1);

/// Checks the accounts that were written to since they were last found sound, round after round, until `stop`
/// says so. An account on which something does not hold is frozen; the service goes on. It stays among those that
/// are looked at, and is told of when it is found, not in every round.
pub(super) async fn audit_ledger(billing: Billing, metrics: Data<Metrics>, mut stop: watch::Receiver<bool>) {
    let (mut after, mut told, mut found) = (None, BTreeSet::new(), BTreeSet::new());
    while !*stop.borrow() {
        let begun = Instant::now();
        let (scope, limit) = (AuditScope::Changed, AUDIT_ACCOUNTS);
        let ask = VerifyLedger { scope, whole: false, freeze: true, after, limit, parallel: 1 };
        after = match billing.verify_ledger(ask).await {
            Ok(report) => {
                metrics.audited(&report, billing.now());
                tell(&report, &told, &mut found);
                report.last
            }
            Err(error) => {
                tracing::warn!(%error, "the ledger could not be checked");
                None
            }
        };
        let rest = if after.is_none() {
            told = std::mem::take(&mut found);
            AUDIT_ROUND
        } else {
            rest_after(begun.elapsed())
        };
        tokio::select! {
            () = tokio::time::sleep(rest) => {}
            _ = stop.changed() => {}
        }
    }
}

/// How long to rest after a page of changed accounts that took `took`, while there are more.
fn rest_after(took: Duration) -> Duration {
    took.saturating_mul(AUDIT_REST).min(AUDIT_ROUND)
}

/// Goes through all checkpoints and through every account from its first entry on, so that all of it is checked once
/// within `days` days, until `stop` says so. Of several processes on one database, one does the next piece.
pub(super) async fn audit_history(
    billing: Billing,
    metrics: Data<Metrics>,
    days: u32,
    mut stop: watch::Receiver<bool>,
) {
    let holder = billing.fresh_uuid();
    let (mut told, mut found) = (BTreeSet::new(), BTreeSet::new());
    let mut told_of_checkpoints = BTreeSet::new();
    while !*stop.borrow() {
        match billing.audit_history(holder, days).await {
            Ok(Some(report)) => {
                metrics.audited_history(&report, billing.now());
                for what in &report.checkpoints.violations {
                    if told_of_checkpoints.insert(what.clone()) {
                        tracing::error!(what, "checkpoints do not hold");
                    }
                }
                for part in [&report.checkpoints.accounts, &report.accounts] {
                    tell(part, &told, &mut found);
                }
                if report.whole {
                    told = std::mem::take(&mut found);
                }
            }
            Ok(None) => {}
            Err(error) => tracing::warn!(error = told_with_cause(&error), "history could not be checked"),
        }
        tokio::select! {
            () = tokio::time::sleep(PIECE_ROUND) => {}
            _ = stop.changed() => {}
        }
    }
}

/// Logs what does not hold, and was not told in the round before.
fn tell(report: &LedgerReport, told: &BTreeSet<ExternalId>, found: &mut BTreeSet<ExternalId>) {
    for (account, what) in &report.violations {
        if !told.contains(account) {
            tracing::error!(%account, what, "the ledger does not hold; the account is frozen");
        }
        found.insert(account.clone());
    }
}

fn told_with_cause(error: &BillingError) -> String {
    format!("{:#}", anyhow::Error::new(error.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_takes_a_quarter_of_the_time_and_a_slow_one_is_followed_within_a_round() {
        assert_eq!(rest_after(Duration::from_millis(20)), Duration::from_millis(60));
        assert_eq!(rest_after(Duration::ZERO), Duration::ZERO);
        assert_eq!(rest_after(Duration::from_hours(1)), AUDIT_ROUND);
    }
}
