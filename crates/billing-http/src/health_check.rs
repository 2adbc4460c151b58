//! Database health checks, shared by concurrent probes.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use actix_web::rt::time::{Instant, timeout};
use billing_core::ports::Health;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};

/// How long one probe waits: less than the second in which it expects an answer.
const PATIENCE: Duration = Duration::from_millis(800);
/// How long after its start a check is reused.
const FRESH: Duration = Duration::from_millis(300);
/// After how long a hanging check is abandoned, and another may start.
const GIVE_UP: Duration = Duration::from_secs(10);

/// One check of the database at a time, for any number of probes.
#[derive(Default)]
pub(crate) struct HealthCheck {
    last: Mutex<Option<Check>>,
}

struct Check {
    began: Instant,
    /// None if the database does not respond.
    health: Shared<BoxFuture<'static, Option<Health>>>,
}

impl HealthCheck {
    /// The health of the database, from a running or recent check, or from `check`; none if it does not respond in
    /// time.
    pub(crate) async fn health<F>(&self, check: impl FnOnce() -> F) -> Option<Health>
    where
        F: Future<Output = Option<Health>> + Send + 'static,
    {
        let health = self.current(check);
        timeout(PATIENCE, health).await.unwrap_or_else(|_| {
            tracing::warn!("the database does not answer in time");
            None
        })
    }

    fn current<F>(&self, check: impl FnOnce() -> F) -> Shared<BoxFuture<'static, Option<Health>>>
    where
        F: Future<Output = Option<Health>> + Send + 'static,
    {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let usable = last.as_ref().filter(|check| {
            let most = if check.health.peek().is_some() { FRESH } else { GIVE_UP };
            check.began.elapsed() < most
        });
        if let Some(check) = usable {
            return check.health.clone();
        }
        // A shared future that panics would panic for all later callers.
        let health =
            AssertUnwindSafe(check()).catch_unwind().map(|ended| ended.unwrap_or(None)).boxed().shared();
        *last = Some(Check { began: Instant::now(), health: health.clone() });
        health
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use actix_web::rt::time::sleep;
    use futures_util::future::join_all;

    use super::*;

    const WELL: Option<Health> = Some(Health { migrated: true, writable: true });

    /// A database that counts its checks.
    #[derive(Default)]
    struct Database {
        probe: HealthCheck,
        asked: Arc<AtomicUsize>,
    }

    impl Database {
        async fn health(&self, takes: Duration) -> Option<Health> {
            let asked = self.asked.clone();
            let check = move || {
                asked.fetch_add(1, Ordering::SeqCst);
                async move {
                    sleep(takes).await;
                    WELL
                }
            };
            self.probe.health(check).await
        }

        fn asked(&self) -> usize {
            self.asked.load(Ordering::SeqCst)
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_check_that_panics_is_a_database_that_does_not_answer_and_the_next_one_may_do_better() {
        let probe = HealthCheck::default();
        let panics = || async { std::panic::resume_unwind(Box::new("told to")) };
        assert_eq!(probe.health(panics).await, None);
        assert_eq!(probe.health(|| async { WELL }).await, None, "it is fresh");
        sleep(FRESH).await;
        assert_eq!(probe.health(|| async { WELL }).await, WELL);
    }

    #[tokio::test(start_paused = true)]
    async fn many_probers_share_one_check() {
        let database = Database::default();
        let probers = (0..500).map(|_| database.health(Duration::from_millis(100)));
        assert!(join_all(probers).await.into_iter().all(|health| health == WELL));
        assert_eq!(database.asked(), 1);
        sleep(FRESH).await;
        assert_eq!(database.health(Duration::ZERO).await, WELL);
        assert_eq!(database.asked(), 2, "an answer does not stay true");
    }

    #[tokio::test(start_paused = true)]
    async fn a_database_that_hangs_is_told_of_in_time_and_asked_once() {
        let (database, begun) = (Database::default(), Instant::now());
        for number in 1..10 {
            assert_eq!(database.health(Duration::from_hours(1)).await, None);
            assert_eq!(begun.elapsed(), PATIENCE * number);
        }
        assert_eq!(database.asked(), 1);
        sleep(GIVE_UP).await;
        assert_eq!(database.health(Duration::ZERO).await, WELL);
        assert_eq!(database.asked(), 2, "a check that never ends does not keep it red");
    }
}
