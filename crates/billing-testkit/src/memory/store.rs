//! The store and its lock.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use billing_core::ports::StoreError;
use billing_core::values::IdSource;

use super::cold::Cold;
use super::jobs::Jobs;
use super::ledger::Ledgers;
use crate::SequentialIds;

/// An in-memory store. It implements every port of a store and passes the same contract suites as the databases.
///
/// It is not persistent. Share it behind an `Arc`; handles to one store see each other's writes.
pub struct MemoryStore {
    state: Mutex<State>,
    pub(super) ids: Arc<dyn IdSource>,
}

/// The state behind the lock.
#[derive(Default)]
pub(super) struct State {
    /// The tables of the cold path.
    pub(super) cold: Cold,
    /// Every account's ledger.
    pub(super) ledgers: Ledgers,
    /// The state of background jobs.
    pub(super) jobs: Jobs,
    /// Failures for the next writes.
    failures: VecDeque<StoreError>,
}

impl MemoryStore {
    /// An empty store with sequential ids.
    pub fn new() -> Self {
        Self::with_ids(Arc::new(SequentialIds::new()))
    }

    /// An empty store with grant and entry ids from `ids`.
    pub fn with_ids(ids: Arc<dyn IdSource>) -> Self {
        Self { state: Mutex::default(), ids }
    }

    /// Makes the next write fail with `error`, with nothing written. Failures queue up.
    pub fn fail_next_write(&self, error: StoreError) {
        self.lock().failures.push_back(error);
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        // A test that panicked while holding the lock has failed already; the state is consistent, because nothing is
        // changed before all checks.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The injected failure of this write, if any.
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
