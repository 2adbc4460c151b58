//! The loop of one job.

use std::sync::Arc;
use std::time::Duration;

use actix_web::web::Data;
use anyhow::{Context, bail};
use billing_core::jobs::JobReport;
use billing_core::{Billing, Job};
use billing_http::Readiness;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};
use uuid::Uuid;

use super::Bell;
use crate::metrics::Metrics;

/// The pause when nothing is due.
const ROUND: Duration = Duration::from_secs(1);
/// The validity of a job's lease without renewal: how long the job waits after a crash.
const LEASE: Duration = Duration::from_secs(15);
/// How often the lease is renewed while the job runs.
const RENEWAL: Duration = Duration::from_secs(5);
/// The limit of a round of the inbox, or of one database query. Writes in progress complete; unapplied events are
/// claimed again when their lease expires.
const BOUND: Duration = Duration::from_secs(30);
const TOO_LONG: &str = "the database took too long";

/// Runs one job, round after round, independent of other jobs.
pub(super) struct JobLoop {
    pub(super) job: Job,
    /// The identity of this process as the holder of leases.
    pub(super) holder: Uuid,
    pub(super) billing: Billing,
    pub(super) bell: Arc<Bell>,
    pub(super) readiness: Data<Readiness>,
    pub(super) metrics: Data<Metrics>,
}

impl JobLoop {
    /// Processes due work until `stop`.
    pub(super) async fn run(self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            if self.job == Job::Inbox {
                // Readiness requires that rounds start, whatever their result.
                self.readiness.beat(self.billing.now());
            }
            let job = self.job;
            let round = if job.is_shared() { self.run_shared().await } else { self.run_leased().await };
            let hurry = match round {
                Ok(report) => {
                    self.metrics.count_job(job, &report);
                    log_failures(job, report);
                    // Failed items are rescheduled, so those behind them are next.
                    report.seen() > 0
                }
                Err(error) => {
                    self.metrics.count_job_error(job);
                    tracing::error!(%job, error = format!("{error:#}"), "a job's round failed");
                    false
                }
            };
            if !hurry {
                tokio::select! {
                    () = self.bell.0.notified(), if job == Job::Inbox => {}
                    () = sleep(ROUND) => {}
                    _ = stop.changed() => {}
                }
            }
        }
    }

    async fn run_shared(&self) -> anyhow::Result<JobReport> {
        Ok(timeout(BOUND, self.billing.run_due(self.job)).await.context(TOO_LONG)??)
    }

    /// Runs the job under its lease. The lease is acquired only if something is due, so an idle process writes
    /// nothing.
    async fn run_leased(&self) -> anyhow::Result<JobReport> {
        let due = timeout(BOUND, self.billing.has_due(self.job)).await.context(TOO_LONG)??;
        if !due || !self.acquire().await? {
            return Ok(JobReport::default());
        }
        let report = tokio::select! {
            report = self.billing.run_due(self.job) => report,
            () = self.keep_lease() => bail!("its lease was lost"),
        };
        let released = self.billing.release_lease(self.job, self.holder);
        timeout(BOUND, released).await.context(TOO_LONG)??;
        Ok(report?)
    }

    async fn acquire(&self) -> anyhow::Result<bool> {
        let seconds = i64::try_from(LEASE.as_secs()).unwrap_or(i64::MAX);
        Ok(timeout(BOUND, self.billing.acquire_lease(self.job, self.holder, seconds))
            .await
            .context(TOO_LONG)??)
    }

    /// Renews the lease; returns once it is lost, or could not be renewed before it expires.
    async fn keep_lease(&self) {
        let mut renewed = Instant::now();
        // Ends before another process may acquire the lease.
        while renewed.elapsed() + RENEWAL < LEASE {
            sleep(RENEWAL).await;
            match timeout(RENEWAL, self.acquire()).await {
                Ok(Ok(true)) => renewed = Instant::now(),
                Ok(Ok(false)) => return,
                Ok(Err(_)) | Err(_) => {}
            }
        }
    }
}

fn log_failures(job: Job, report: JobReport) {
    let JobReport { done, failed, deferred, .. } = report;
    if failed > 0 || deferred > 0 {
        tracing::warn!(%job, done, failed, deferred, "items of a job failed or were deferred; they are rescheduled");
    }
    if job == Job::Duplicates && failed > 0 {
        tracing::error!(
            failed,
            "duplicate subscriptions could not be canceled and refunded; see \
             /admin/billing/subscriptions?role=duplicate_unresolved for those that a provider refused"
        );
    }
    if report.needs_operator > 0 {
        tracing::error!(
            needs_operator = report.needs_operator,
            "events were applied that an operator has to resolve; see /admin/webhooks?state=needs_operator"
        );
    }
    if report.unrecorded > 0 {
        tracing::error!(unrecorded = report.unrecorded, "failed attempts at events could not be recorded");
    }
}
