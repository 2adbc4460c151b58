//! The group-committing ledger store.

use std::sync::Arc;

use async_trait::async_trait;
use billing_core::ledger::{Outcome, Posting};
use billing_core::ports::{LedgerStore, StoreError};
use billing_core::values::Timestamp;
use tokio::sync::watch;

use crate::BatchConfig;
use crate::call::cut;
use crate::locked_lane::{self, LockedLane};
use crate::queue::{Queue, put};
use crate::settle::Settler;
use crate::shard::Shards;
use crate::stats::{Counters, Stats};
use crate::stuck::Stuck;
use crate::writer::{self, Writer};

/// A [`LedgerStore`] that posts the calls of its callers in shared transactions of the store behind it. See the
/// [crate's page](crate).
///
/// Share it behind an `Arc`. Several of them, in one process or in many, may use one database: the store's own locks
/// keep them apart.
///
/// A cancelled caller interrupts no transaction. Its call is posted, or dropped if it is still queued; it can be
/// repeated under the same key.
pub struct Batched {
    queues: Vec<Arc<Queue>>,
    lane: Arc<LockedLane>,
    shards: Arc<Shards>,
    counters: Arc<Counters>,
    /// Each writer holds a receiver until it ends.
    writers: watch::Sender<()>,
}

impl Batched {
    /// Starts the writers of `store` on the current runtime. They end when the last handle is dropped and the queues
    /// are empty.
    ///
    /// # Panics
    ///
    /// Outside of a Tokio runtime with time.
    pub fn start(store: Arc<dyn LedgerStore>, config: BatchConfig) -> Self {
        let counters = Arc::new(Counters::default());
        let settler = Settler { store, config, counters: counters.clone() };
        let (writers, alive) = watch::channel(());
        let lane = Arc::new(LockedLane::new(config));
        tokio::spawn(locked_lane::run(lane.clone(), settler.clone(), alive.clone()));
        let stuck = Stuck::new(config.stuck_after, config.stuck_batches);
        let writer = Writer { settler, lane: lane.clone(), stuck, alive };
        let queues = (0..config.all_writers())
            .map(|_| {
                let queue = Arc::new(Queue::new(config, counters.clone()));
                tokio::spawn(writer::run(queue.clone(), writer.clone()));
                queue
            })
            .collect();
        Self { queues, lane, shards: Arc::new(Shards::new(config)), counters, writers }
    }

    /// Stops accepting calls, posts what is queued, and returns once all callers are answered. Later calls get
    /// [`StoreError::Overloaded`]: nothing was done, and another process may be available. May be called more than
    /// once.
    pub async fn drain(&self) {
        self.close();
        self.writers.closed().await;
    }

    /// The statistics since the start.
    pub fn stats(&self) -> Stats {
        let waiting = self.queues.iter().map(|queue| queue.waiting());
        let waiting = waiting.fold(self.lane.waiting(), usize::saturating_add);
        self.counters.snapshot(waiting)
    }

    fn close(&self) {
        for queue in &self.queues {
            queue.close();
        }
        self.lane.close();
    }
}

#[async_trait]
impl LedgerStore for Batched {
    /// # Errors
    ///
    /// Those of the store; [`StoreError::Overloaded`] if too many postings are queued; [`StoreError::LockTimeout`] if
    /// rows of the call's accounts were locked for longer than [`BatchConfig::lock_patience`];
    /// [`StoreError::OutcomeUnknown`] if there is no answer within [`BatchConfig::answer_within`], or if the call's
    /// accounts belong to several writers and only some of its postings were applied.
    async fn post(&self, batch: Vec<Posting>, now: Timestamp) -> Result<Vec<Outcome>, StoreError> {
        let (mut jobs, parts) = cut(batch, now, &self.shards);
        let locked: Vec<_> = jobs.extract_if(.., |(_, job)| self.lane.takes(job)).collect();
        let fits = locked.is_empty() || self.lane.has_room();
        let fits = if fits { put(&self.queues, jobs) } else { Err(StoreError::Overloaded) };
        fits.inspect_err(|_| self.counters.overloads.add(1))?;
        if !locked.is_empty() {
            self.lane.put(locked.into_iter().map(|(_, job)| job));
        }
        parts.gather().await
    }
}

impl Drop for Batched {
    fn drop(&mut self) {
        self.close();
    }
}

impl std::fmt::Debug for Batched {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Batched").field("stats", &self.stats()).finish_non_exhaustive()
    }
}
