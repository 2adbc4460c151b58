//! Cache of rate card versions.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::catalog::{Quote, RateCardVersion};

/// A cache of rate card versions. They are immutable, so the cache is never stale; the version in force is always
/// read.
#[derive(Default)]
pub(crate) struct VersionCache {
    kept: Mutex<BTreeMap<Quote, Arc<RateCardVersion>>>,
}

/// A version has up to half a megabyte; few are in use at once.
const MOST: usize = 64;

impl VersionCache {
    pub(crate) fn get(&self, quote: &Quote) -> Option<Arc<RateCardVersion>> {
        self.lock().get(quote).cloned()
    }

    /// Caches `version`. If the cache is full, it is cleared: active versions come back at the cost of one read.
    pub(crate) fn keep(&self, version: RateCardVersion) -> Arc<RateCardVersion> {
        let version = Arc::new(version);
        let mut kept = self.lock();
        if kept.len() >= MOST {
            kept.clear();
        }
        kept.insert(version.quote(), version.clone());
        version
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Quote, Arc<RateCardVersion>>> {
        // A panic of another holder leaves whole entries.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
