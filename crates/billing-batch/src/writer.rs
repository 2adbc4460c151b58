//! The writer task.

use std::sync::Arc;

use tokio::sync::watch;

use crate::locked_lane::LockedLane;
use crate::queue::Queue;
use crate::settle::Settler;
use crate::stuck::Stuck;

/// The state of a writer.
#[derive(Clone)]
pub(crate) struct Writer {
    pub(crate) settler: Settler,
    /// Takes the jobs whose accounts are locked.
    pub(crate) lane: Arc<LockedLane>,
    pub(crate) stuck: Stuck,
    /// Dropped when the last batch was answered.
    pub(crate) alive: watch::Receiver<()>,
}

/// Posts batch after batch until the queue is closed and empty. A stuck batch delays only its own callers: the next
/// ones are posted beside it.
pub(crate) async fn run(queue: Arc<Queue>, writer: Writer) {
    let _end = LetGo(queue.clone());
    while let Some(batch) = queue.next().await {
        let Writer { settler, lane, stuck, alive } = writer.clone();
        stuck
            .or_beside(async move {
                lane.put_locked(settler.settle(batch).await);
                drop(alive);
            })
            .await;
        let_others_come(&queue).await;
    }
}

/// Lets callers that were just answered queue their next calls, as long as more arrive, so that they share one batch.
/// It yields only to ready tasks: without calls, the writer continues at once.
async fn let_others_come(queue: &Queue) {
    let mut waiting = queue.waiting();
    loop {
        tokio::task::yield_now().await;
        let more = queue.waiting();
        if more <= waiting || queue.has_a_batch() {
            return;
        }
        waiting = more;
    }
}

/// Empties the queue when the task ends for any reason, also with its runtime, so that no caller waits forever.
struct LetGo(Arc<Queue>);

impl Drop for LetGo {
    fn drop(&mut self) {
        self.0.abandon();
    }
}
