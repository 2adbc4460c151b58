//! Cache of account ids.

use std::collections::BTreeMap;
use std::sync::{PoisonError, RwLock};

use crate::accounts::ExternalId;
use crate::values::AccountId;

/// A cache of account ids by external id. Both are immutable, so the cache is never stale; other data of an account is
/// not cached.
#[derive(Default)]
pub(crate) struct AccountIds {
    kept: RwLock<BTreeMap<ExternalId, AccountId>>,
}

/// About 20 MB.
const MOST: usize = 100_000;

impl AccountIds {
    pub(crate) fn get(&self, name: &ExternalId) -> Option<AccountId> {
        // A panic of another holder leaves whole entries.
        self.kept.read().unwrap_or_else(PoisonError::into_inner).get(name).copied()
    }

    /// Caches `id`. If the cache is full, it is cleared: active accounts come back at the cost of one read.
    pub(crate) fn keep(&self, name: &ExternalId, id: AccountId) {
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST {
            kept.clear();
        }
        kept.insert(name.clone(), id);
    }
}
