//! Shutdown: every step has a limit, and so has the whole.

use std::future::Future;
use std::time::Duration;

use tokio::time::timeout;

/// The seconds for requests in flight after the listener has stopped.
pub(crate) const DRAIN_SECONDS: u64 = 15;
/// How much longer the server may take to stop.
const SERVER_MARGIN: Duration = Duration::from_secs(1);
/// The limit of each later step.
pub(crate) const STEP: Duration = Duration::from_secs(3);
/// The later steps: background work, the ledger's writers, the database.
const STEPS: u32 = 3;
/// How much later the process ends in any case.
const WATCHDOG_MARGIN: Duration = Duration::from_secs(2);

/// The limit for requests in flight and the server.
pub(crate) fn server_bound() -> Duration {
    Duration::from_secs(DRAIN_SECONDS).saturating_add(SERVER_MARGIN)
}

/// Awaits one step for `bound`. If it does not end in time, it is abandoned and logged.
pub(crate) async fn step(name: &'static str, bound: Duration, work: impl Future<Output = ()>) {
    if timeout(bound, work).await.is_err() {
        tracing::warn!(
            step = name,
            seconds = bound.as_secs(),
            "a step of the shutdown took too long and was left"
        );
    }
}

/// Ends the process if it still runs after the limits of all steps, counted from now, even if a thread that the steps
/// need is blocked.
pub(crate) fn start_watchdog(delay: Duration) {
    let steps = STEP.saturating_mul(STEPS);
    let bound = delay.saturating_add(server_bound()).saturating_add(steps).saturating_add(WATCHDOG_MARGIN);
    std::thread::spawn(move || {
        std::thread::sleep(bound);
        tracing::error!(seconds = bound.as_secs(), "the shutdown took too long; the process ends as it is");
        std::process::exit(1);
    });
}

/// Completes at SIGTERM or SIGINT, including one between this call and the first poll.
///
/// # Errors
///
/// If the system refuses the handler.
#[cfg(unix)]
pub(crate) fn signals() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Completes at Ctrl-C.
///
/// # Errors
///
/// Never: the handler is installed at the first poll.
#[cfg(not(unix))]
pub(crate) fn signals() -> std::io::Result<impl Future<Output = ()>> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_step_that_hangs_is_left_when_its_time_is_over() {
        let begun = tokio::time::Instant::now();
        step("one that hangs", STEP, std::future::pending()).await;
        assert_eq!(begun.elapsed(), STEP);
    }
}
