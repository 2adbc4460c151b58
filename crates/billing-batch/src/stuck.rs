//! Going on beside work that is stuck.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

/// Lets a task that does one thing after the other go on while one of them is stuck, on a connection that says
/// nothing or behind somebody else's lock: the stuck one is finished beside it. How many may be stuck at once is
/// bounded, for each needs a connection.
#[derive(Clone)]
pub(crate) struct Stuck {
    after: Duration,
    room: Arc<Semaphore>,
}

impl Stuck {
    pub(crate) fn new(after: Duration, at_once: usize) -> Self {
        Self { after, room: Arc::new(Semaphore::new(at_once.min(Semaphore::MAX_PERMITS))) }
    }

    /// Waits for `work`, or until it is found stuck and goes on by itself.
    pub(crate) async fn or_beside(&self, work: impl Future<Output = ()> + Send + 'static) {
        let mut work = Box::pin(work);
        if tokio::time::timeout(self.after, &mut work).await.is_ok() {
            return;
        }
        tokio::select! {
            () = &mut work => {}
            // Nobody closes it.
            Ok(place) = self.room.clone().acquire_owned() => {
                tokio::spawn(async move {
                    work.await;
                    drop(place);
                });
            }
        }
    }
}
