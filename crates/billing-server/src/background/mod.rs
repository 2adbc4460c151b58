//! Background work: what core says is due, on a schedule.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::web::Data;
use billing_core::ports::{AuditScope, Waker};
use billing_core::requests::{JobReport, VerifyLedger};
use billing_core::{Billing, Job};
use billing_http::Readiness;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

use crate::metrics::Metrics;

/// How long to wait when nobody calls.
const ROUND: Duration = Duration::from_secs(1);
/// How long to wait after a provider did not do what it was asked.
const PATIENCE: Duration = Duration::from_mins(1);

/// Calls whoever sleeps between two rounds.
#[derive(Debug, Default)]
pub(crate) struct Bell(Notify);

impl Waker for Bell {
    fn wake(&self) {
        self.0.notify_one();
    }
}

/// Goes round until `stop` says so: does what is due of every job, then waits for the bell or a second.
pub(crate) fn start(
    billing: Billing,
    bell: Arc<Bell>,
    readiness: Data<Readiness>,
    mut stop: watch::Receiver<bool>,
) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut put_off = BTreeMap::new();
        while !*stop.borrow() {
            let (mut busy, mut sound) = (false, true);
            for job in Job::ALL {
                if put_off.get(&job).is_some_and(|until| Instant::now() < *until) {
                    continue;
                }
                match billing.run_due(job).await {
                    Ok(report) => {
                        tell(job, report);
                        if matches!(job, Job::Superfluous | Job::Orders) && report.failed > 0 {
                            // Providers that are down are not asked every second.
                            put_off.insert(job, Instant::now() + PATIENCE);
                        }
                        // What failed is put off or still due: it gives no reason to hurry.
                        busy |= if job == Job::Inbox { report.seen() > 0 } else { report.done > 0 };
                    }
                    Err(error) => {
                        tracing::error!(?job, %error, "what is due could not be done");
                        sound = false;
                    }
                }
            }
            if sound {
                // Only a round that could be made counts: `/readyz` is to say when none can.
                readiness.beat(billing.now());
            }
            if !busy {
                tokio::select! {
                    () = bell.0.notified() => {}
                    () = tokio::time::sleep(ROUND) => {}
                    _ = stop.changed() => {}
                }
            }
        }
    })
}

fn tell(job: Job, report: JobReport) {
    match job {
        Job::Inbox if report.failed > 0 => {
            tracing::warn!(failed = report.failed, "events could not be applied and will be tried again");
        }
        Job::Orders if report.failed > 0 => {
            tracing::warn!(
                failed = report.failed,
                "providers did not say what became of unpaid orders; asked again"
            );
        }
        Job::Superfluous if report.failed > 0 => {
            tracing::error!(
                failed = report.failed,
                "subscriptions that were begun beside a live one could not be ended and refunded; see \
                 /admin/billing/subscriptions?standing=stuck for those that a provider refused"
            );
        }
        Job::Expiry if report.failed > 0 => {
            tracing::error!(failed = report.failed, "accounts could not be brought up to date");
        }
        _ => {}
    }
    if report.unkept > 0 {
        tracing::error!(unkept = report.unkept, "how events failed could not be written down");
    }
}

/// Publishes a root over what changed every `every`, until `stop` says so.
pub(crate) fn start_sealing(
    billing: Billing,
    every: Duration,
    mut stop: watch::Receiver<bool>,
) -> JoinHandle<()> {
    tokio::spawn(async move {
        while !*stop.borrow() {
            match billing.seal_ledger().await {
                Ok(Some(seal)) => {
                    let (number, accounts, hash) = (seal.number, seal.heads, seal.hash());
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
    })
}

/// How long the self-audit rests when nothing has changed.
const AUDIT_ROUND: Duration = Duration::from_secs(10);
/// How many accounts it looks at together.
const AUDIT_ACCOUNTS: u32 = 200;

/// Checks the accounts that were written to since they were last found sound, round after round, until `stop`
/// says so. An account on which something does not hold is frozen; the service goes on. It stays among those that
/// are looked at, and is told of when it is found, not in every round.
pub(crate) fn start_audit(
    billing: Billing,
    metrics: Data<Metrics>,
    mut stop: watch::Receiver<bool>,
) -> JoinHandle<()> {
    tokio::spawn(async move {
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
    })
}
