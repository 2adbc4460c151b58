//! Cache of API keys.

use std::sync::Arc;
use std::time::{Duration, Instant};

use billing_core::accounts::ExternalId;
use billing_core::credentials::{ApiKey, KeyHash};
use quick_cache::sync::Cache;

/// A key, and the account that it is bound to.
type Known = Arc<(ApiKey, Option<ExternalId>)>;

/// A short-lived cache of valid keys, so that a busy backend's key is not looked up for every request. A revoked key
/// works for that long in other processes.
pub(crate) struct KnownKeys {
    cache: Cache<[u8; 32], (Instant, Known)>,
    /// Zero disables the cache.
    lifetime: Duration,
}

/// The maximum number of cached keys.
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
