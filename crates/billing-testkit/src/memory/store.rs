//! The store and its lock.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use billing_core::ports::StoreError;
use billing_core::values::IdSource;

use super::cold::Cold;
use super::jobs::Jobs;
use super::ledger::Ledgers;
use crate::SequentialIds;

/// A store that keeps everything in memory. It implements every port of a store and passes the same contract
/// suites as the databases do.
///
/// Nothing outlives it. Share it behind an `Arc`; handles to one store see each other's writes.
pub struct MemoryStore {
    state: Mutex<State>,
    pub(super) ids: Arc<dyn IdSource>,
}

/// What one lock guards.
#[derive(Default)]
pub(super) struct State {
    /// Everything that changes through `commit` alone.
    pub(super) cold: Cold,
    /// Every account's ledger.
    pub(super) ledgers: Ledgers,
    /// What background jobs keep.
    pub(super) jobs: Jobs,
    /// Failures for the next writes.
    failures: VecDeque<StoreError>,
}

impl MemoryStore {
    /// An empty store that counts its ids.
    pub fn new() -> Self {
        Self::with_ids(Arc::new(SequentialIds::new()))
    }

    /// An empty store that takes the ids of grants and entries from `ids`.
    pub fn with_ids(ids: Arc<dyn IdSource>) -> Self {
        Self { state: Mutex::default(), ids }
    }

    /// Lets the next write fail with `error`, with nothing written. Several failures queue up.
    pub fn fail_next_write(&self, error: StoreError) {
        self.lock().failures.push_back(error);
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        // A test that panicked while it held the lock has failed already; what it left is consistent,
        // because nothing is mutated before everything was checked.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The failure that was set for this write, if there is one.
    pub(super) fn failure(&mut self) -> Result<(), StoreError> {
        self.failures.pop_front().map_or(Ok(()), Err)
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MemoryStore").finish_non_exhaustive()
    }
}
