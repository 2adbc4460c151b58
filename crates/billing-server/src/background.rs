//! Background work: what core says is due, on a schedule.

use std::sync::Arc;
use std::time::Duration;

use actix_web::web::Data;
use billing_core::ports::Waker;
use billing_core::requests::JobReport;
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

/// Goes round until `stop` says so: does what is due of every job, then waits for the bell or a second.
pub(crate) fn start(
    billing: Billing,
    bell: Arc<Bell>,
    readiness: Data<Readiness>,
    mut stop: watch::Receiver<bool>,
) -> JoinHandle<()> {
    tokio::spawn(async move {
        while !*stop.borrow() {
            let (mut busy, mut sound) = (false, true);
            for job in Job::ALL {
                match billing.run_due(job).await {
                    Ok(report) => {
                        tell(job, report);
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
        Job::Expiry if report.failed > 0 => {
            tracing::error!(failed = report.failed, "accounts could not be brought up to date");
        }
        _ => {}
    }
    if report.unkept > 0 {
        tracing::error!(unkept = report.unkept, "how events failed could not be written down");
    }
}
