//! Continues beside work that is stuck.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

/// Lets a task with sequential work continue while one piece of it is stuck, on a connection that does not answer or
/// behind a lock of another transaction: the stuck piece finishes beside it. The number of stuck pieces is bounded,
/// because each needs a connection.
#[derive(Clone)]
pub(crate) struct Stuck {
    after: Duration,
    room: Arc<Semaphore>,
}

impl Stuck {
    pub(crate) fn new(after: Duration, at_once: usize) -> Self {
        Self { after, room: Arc::new(Semaphore::new(at_once.min(Semaphore::MAX_PERMITS))) }
    }

    /// Waits until `work` is done, or counts as stuck and continues beside the caller.
    pub(crate) async fn or_beside(&self, work: impl Future<Output = ()> + Send + 'static) {
        let mut work = Box::pin(work);
        if tokio::time::timeout(self.after, &mut work).await.is_ok() {
            return;
        }
        tokio::select! {
            () = &mut work => {}
            // The semaphore is never closed.
            Ok(place) = self.room.clone().acquire_owned() => {
                tokio::spawn(async move {
                    work.await;
                    drop(place);
                });
            }
        }
    }
}
