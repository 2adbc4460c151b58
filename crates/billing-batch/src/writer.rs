//! The task that writes.

use std::sync::Arc;

use tokio::sync::watch;

use crate::queue::Queue;
use crate::settle::Settler;

/// Carries out batch after batch until the queue is closed and empty. `alive` is let go of at the end.
pub(crate) async fn run(queue: Arc<Queue>, settler: Settler, alive: watch::Receiver<()>) {
    let _alive = alive;
    let _end = LetGo(queue.clone());
    while let Some(batch) = queue.next().await {
        settler.settle(batch).await;
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
