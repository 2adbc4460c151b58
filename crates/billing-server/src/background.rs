//! Background work: what core says is due, on a schedule.

use std::sync::Arc;
use std::time::Duration;

use actix_web::web::Data;
use billing_core::ports::Waker;
use billing_core::{Billing, Job};
use billing_http::Readiness;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

/// How long to wait when nobody calls.
const ROUND: Duration = Duration::from_secs(1);

/// Calls whoever sleeps between two rounds.
#[derive(Debug, Default)]
pub(crate) struct Bell(Notify);

impl Waker for Bell {
    fn wake(&self) {
        self.0.notify_one();
    }
}

/// Goes round until `stop` says so: applies the events that are due, then waits for the bell or a second.
pub(crate) fn start(
    billing: Billing,
    bell: Arc<Bell>,
    readiness: Data<Readiness>,
    mut stop: watch::Receiver<bool>,
) -> JoinHandle<()> {
    tokio::spawn(async move {
        while !*stop.borrow() {
            let busy = match billing.run_due(Job::Inbox).await {
                Ok(report) => {
                    if report.failed > 0 {
                        tracing::warn!(
                            failed = report.failed,
                            "events could not be applied and will be tried again"
                        );
                    }
                    if report.unkept > 0 {
                        tracing::error!(
                            unkept = report.unkept,
                            "how events failed could not be written down"
                        );
                    }
                    // Only a round that could be made counts: `/readyz` is to say when none can.
                    readiness.beat(billing.now());
                    report.seen() > 0
                }
                Err(error) => {
                    tracing::error!(%error, "the inbox could not be worked on");
                    false
                }
            };
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
