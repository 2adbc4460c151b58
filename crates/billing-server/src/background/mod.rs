//! Background work: a loop per job, two for audits and one for checkpoints.

mod audit;
mod checkpoints;
mod jobs;

use std::sync::Arc;
use std::time::Duration;

use actix_web::web::Data;
use billing_core::ports::Waker;
use billing_core::{Billing, Job};
use billing_http::Readiness;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;

use crate::metrics::Metrics;
use jobs::JobLoop;

/// Wakes the inbox loop between two rounds.
#[derive(Debug, Default)]
pub(crate) struct Bell(Notify);

impl Waker for Bell {
    fn wake(&self) {
        self.0.notify_one();
    }
}

/// The intervals of the ledger's background work.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    /// The interval of checkpoints, if anything changed.
    pub(crate) checkpoint_every: Duration,
    /// The days in which the whole history is audited.
    pub(crate) audit_days: u32,
}

/// The loops of a process.
pub(crate) struct Background {
    loops: JoinSet<()>,
    stop: watch::Sender<bool>,
}

impl Background {
    /// Starts all loops.
    pub(crate) fn start(
        billing: &Billing,
        bell: &Arc<Bell>,
        readiness: &Data<Readiness>,
        metrics: &Data<Metrics>,
        pace: Pace,
    ) -> Self {
        let (stop, stopped) = watch::channel(false);
        let mut loops = JoinSet::new();
        let holder = billing.fresh_uuid();
        for job in Job::ALL {
            let job = JobLoop {
                job: *job,
                holder,
                billing: billing.clone(),
                bell: bell.clone(),
                readiness: readiness.clone(),
                metrics: metrics.clone(),
            };
            loops.spawn(job.run(stopped.clone()));
        }
        loops.spawn(audit::audit_ledger(billing.clone(), metrics.clone(), stopped.clone()));
        loops.spawn(audit::audit_history(billing.clone(), metrics.clone(), pace.audit_days, stopped.clone()));
        let every = pace.checkpoint_every;
        loops.spawn(checkpoints::publish_checkpoints(billing.clone(), metrics.clone(), every, stopped));
        Self { loops, stop }
    }

    /// Signals every loop to stop and waits for them. If it is dropped before, the remaining loops are aborted: their
    /// writes are atomic, and calls to providers are settled by their keys later.
    pub(crate) async fn stop(mut self) {
        // Without a receiver no loop is left.
        let _ = self.stop.send(true);
        while let Some(ended) = self.loops.join_next().await {
            if let Err(error) = ended {
                tracing::error!(%error, "a background loop failed");
            }
        }
    }
}
