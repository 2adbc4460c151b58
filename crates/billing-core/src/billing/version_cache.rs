//! Versions of rate cards, kept at hand.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::catalog::{Quote, RateCardVersion};

/// Versions that were read before. They never change, so what is kept here is never out of date; which one is
/// in force is asked anew each time.
#[derive(Default)]
pub(crate) struct VersionCache {
    kept: Mutex<BTreeMap<Quote, Arc<RateCardVersion>>>,
}

/// A version is up to half a megabyte; few are in use at once.
const MOST: usize = 64;

impl VersionCache {
    pub(crate) fn get(&self, quote: &Quote) -> Option<Arc<RateCardVersion>> {
        self.lock().get(quote).cloned()
    }

    /// Keeps `version` for the next who asks. When there are too many, all are forgotten: whoever is in use
    /// comes back at the cost of one read.
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
        // Whoever panicked while holding it left whole entries behind.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
