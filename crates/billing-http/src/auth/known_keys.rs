//! Keys that were looked up a moment ago.

use std::sync::Arc;
use std::time::{Duration, Instant};

use billing_core::accounts::ExternalId;
use billing_core::credentials::{ApiKey, KeyHash};
use quick_cache::sync::Cache;

/// A key, and the account that it is bound to.
type Known = Arc<(ApiKey, Option<ExternalId>)>;

/// Valid keys, each for a short while, so that a busy backend's key is not looked up for every request. A key
/// that was revoked goes on working for that long in other processes.
pub(crate) struct KnownKeys {
    cache: Cache<[u8; 32], (Instant, Known)>,
    /// Zero for not at all.
    lifetime: Duration,
}

/// How many keys are kept.
const MOST: usize = 10_000;

impl KnownKeys {
    pub(crate) fn new(lifetime: Duration) -> Self {
        Self { cache: Cache::new(MOST), lifetime }
    }

    pub(crate) fn get(&self, hash: &KeyHash) -> Option<Known> {
        let (kept, known) = self.cache.get(hash.bytes())?;
        (kept.elapsed() < self.lifetime).then_some(known)
    }

    pub(crate) fn keep(&self, hash: &KeyHash, known: (ApiKey, Option<ExternalId>)) -> Known {
        let known = Arc::new(known);
        if !self.lifetime.is_zero() {
            self.cache.insert(*hash.bytes(), (Instant::now(), known.clone()));
        }
        known
    }
}
