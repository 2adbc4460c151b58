//! Accounts' ids, kept at hand.

use std::collections::BTreeMap;
use std::sync::{PoisonError, RwLock};

use crate::accounts::ExternalId;
use crate::values::AccountId;

/// Which account the host product calls what. Neither name ever changes, so what is kept here is never out of
/// date; whatever else is known of an account is asked anew each time.
#[derive(Default)]
pub(crate) struct AccountIds {
    kept: RwLock<BTreeMap<ExternalId, AccountId>>,
}

/// About 20 MB.
const MOST: usize = 100_000;

impl AccountIds {
    pub(crate) fn get(&self, name: &ExternalId) -> Option<AccountId> {
        // Whoever panicked while holding it left whole entries behind.
        self.kept.read().unwrap_or_else(PoisonError::into_inner).get(name).copied()
    }

    /// Keeps `id` for the next who asks. When there are too many, all are forgotten: whoever is in use comes
    /// back at the cost of one read.
    pub(crate) fn keep(&self, name: &ExternalId, id: AccountId) {
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST {
            kept.clear();
        }
        kept.insert(name.clone(), id);
    }
}
