//! The task that writes.

use std::sync::Arc;

use tokio::sync::watch;

use crate::locked_lane::LockedLane;
use crate::queue::Queue;
use crate::settle::Settler;
use crate::stuck::Stuck;

/// What a writer works with.
#[derive(Clone)]
pub(crate) struct Writer {
    pub(crate) settler: Settler,
    /// Where jobs go whose accounts are locked.
    pub(crate) lane: Arc<LockedLane>,
    pub(crate) stuck: Stuck,
    /// Let go of when the last batch has been answered.
    pub(crate) alive: watch::Receiver<()>,
}

/// Carries out batch after batch until the queue is closed and empty. A batch that is stuck holds up its own callers:
/// the next ones are carried out beside it.
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

/// Those who were answered may ask again: as long as more come, they have the processor first, so that they are
/// in one batch and not one by one in many. This waits for nobody who is not ready: a writer that nobody asks
/// goes on at once.
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

/// However the task ends, also with its runtime: nobody may wait for it in vain.
struct LetGo(Arc<Queue>);

impl Drop for LetGo {
    fn drop(&mut self) {
        self.0.abandon();
    }
}
