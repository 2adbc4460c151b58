//! The background audits: of recent changes, within seconds unless the service is busy, and of the whole history; both
//! at a bounded rate.

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

/// The pause when nothing has changed.
const AUDIT_ROUND: Duration = Duration::from_secs(10);
/// The pause after a page of changed accounts, as a multiple of the time it took. Under heavy writes the audit falls
/// behind, and catches up afterwards: callers take precedence.
const AUDIT_REST: u32 = 3;
/// The accounts of a page.
const AUDIT_ACCOUNTS: u32 = 200;
/// How often the next piece of the history is checked for being due.
const PIECE_ROUND: Duration = Duration::from_secs(1);

/// Audits the accounts that were written to since their last successful audit, until `stop`. An account with a
/// violation is frozen; the service continues. It is audited again in every round, but logged only once.
pub(super) async fn audit_ledger(billing: Billing, metrics: Data<Metrics>, mut stop: watch::Receiver<bool>) {
    let (mut after, mut logged, mut found) = (None, BTreeSet::new(), BTreeSet::new());
    while !*stop.borrow() {
        let begun = Instant::now();
        let (scope, limit) = (AuditScope::Changed, AUDIT_ACCOUNTS);
        let ask = VerifyLedger { scope, whole: false, freeze: true, after, limit, parallel: 1 };
        after = match billing.verify_ledger(ask).await {
            Ok(report) => {
                metrics.audited(&report, billing.now());
                log_violations(&report, &logged, &mut found);
                report.last
            }
            Err(error) => {
                tracing::warn!(%error, "the ledger could not be checked");
                None
            }
        };
        let rest = if after.is_none() {
            logged = std::mem::take(&mut found);
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

/// The pause after a page of changed accounts that took `took`, if there are more.
fn rest_after(took: Duration) -> Duration {
    took.saturating_mul(AUDIT_REST).min(AUDIT_ROUND)
}

/// Verifies all checkpoints and audits every account from its first entry on, once within `days` days, until `stop`.
/// Of several processes on one database one does the next piece.
pub(super) async fn audit_history(
    billing: Billing,
    metrics: Data<Metrics>,
    days: u32,
    mut stop: watch::Receiver<bool>,
) {
    let holder = billing.fresh_uuid();
    let (mut logged, mut found) = (BTreeSet::new(), BTreeSet::new());
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
                    log_violations(part, &logged, &mut found);
                }
                if report.whole {
                    logged = std::mem::take(&mut found);
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

/// Logs violations that were not logged in the previous round.
fn log_violations(report: &LedgerReport, logged: &BTreeSet<ExternalId>, found: &mut BTreeSet<ExternalId>) {
    for (account, what) in &report.violations {
        if !logged.contains(account) {
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
