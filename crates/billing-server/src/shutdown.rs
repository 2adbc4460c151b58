//! The end of the service: every step has a bound, and so has all of it.

use std::future::Future;
use std::time::Duration;

use tokio::time::timeout;

/// How long requests in flight may take once no more are taken.
pub(crate) const DRAIN_SECONDS: u64 = 15;
/// How long the server may take to stop beyond that.
const SERVER_MARGIN: Duration = Duration::from_secs(1);
/// How long each of the steps behind the server may take.
pub(crate) const STEP: Duration = Duration::from_secs(3);
/// How many there are: background work, the ledger's writers, the database.
const STEPS: u32 = 3;
/// How long after all of these the process ends whatever is left.
const WATCHDOG_MARGIN: Duration = Duration::from_secs(2);

/// How long the server may take to answer requests in flight and stop.
pub(crate) fn server_bound() -> Duration {
    Duration::from_secs(DRAIN_SECONDS).saturating_add(SERVER_MARGIN)
}

/// Awaits one step for `bound`. What does not end in time is left behind, and logged.
pub(crate) async fn step(name: &'static str, bound: Duration, work: impl Future<Output = ()>) {
    if timeout(bound, work).await.is_err() {
        tracing::warn!(
            step = name,
            seconds = bound.as_secs(),
            "a step of the shutdown took too long and was left"
        );
    }
}

/// Ends the process if it is still there when every step has had its time, counted from now: also where a thread that
/// steps need is blocked.
pub(crate) fn start_watchdog(delay: Duration) {
    let steps = STEP.saturating_mul(STEPS);
    let bound = delay.saturating_add(server_bound()).saturating_add(steps).saturating_add(WATCHDOG_MARGIN);
    std::thread::spawn(move || {
        std::thread::sleep(bound);
        tracing::error!(seconds = bound.as_secs(), "the shutdown took too long; the process ends as it is");
        std::process::exit(1);
    });
}

/// Completes at SIGTERM or SIGINT, also one that came between this call and the first wait.
///
/// # Errors
///
/// If the system takes no handler.
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
/// None: the system is asked when it is waited for.
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
