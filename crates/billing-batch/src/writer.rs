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
        // Those who were answered may ask again: they have the processor first, so that they come in one
        // batch and not one by one. This waits for nobody who is not ready.
        tokio::task::yield_now().await;
    }
}

/// However the task ends, also with its runtime: nobody may wait for it in vain.
struct LetGo(Arc<Queue>);

impl Drop for LetGo {
    fn drop(&mut self) {
        self.0.abandon();
    }
}
