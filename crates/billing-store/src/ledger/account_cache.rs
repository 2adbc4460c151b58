//! The account cache: accounts as this process's last batch wrote them, so that the next batch needs no read.
//!
//! An entry may be stale without notice, so it is used for optimistic decisions only: the write checks for each account
//! that its version is unchanged. An outcome that writes nothing (a refusal) is never decided on it.

use billing_core::ledger::{AccountState, ChainHash, Loaded};
use billing_core::values::{AccountId, Timestamp};
use quick_cache::sync::Cache;

use super::burning_grant::BurningGrant;
use super::optimistic_backoff::OptimisticBackoff;

/// The number of accounts; about 30 MB.
const MOST: usize = 20_000;

/// How long an entry is used. Transaction ids wrap around after four billion, which takes any server more than ten
/// minutes.
const MICROS: i64 = 10 * 60 * 1_000_000;

/// The version of the balance row that an account was decided on: Postgres' `xmin`, the id of the transaction that
/// wrote the row, which changes with every write by any process; and the head of the chain, which differs if a server
/// recovered without its last transactions and reused their ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Version {
    pub(super) written_by: i64,
    pub(super) head: ChainHash,
    /// The burning grant in the balance row. It is determined by the version, and not compared.
    pub(super) burning: Option<BurningGrant>,
}

/// An account at a version.
#[derive(Clone)]
pub(super) struct CachedAccount {
    pub(super) loaded: Loaded,
    pub(super) version: Version,
}

/// The accounts that this process wrote last.
pub(crate) struct AccountCache {
    kept: Cache<AccountId, (CachedAccount, Timestamp)>,
    /// Disables the cache while other processes write to the same accounts, because most entries are stale then.
    backoff: OptimisticBackoff,
}

impl Default for AccountCache {
    fn default() -> Self {
        Self { kept: Cache::new(MOST), backoff: OptimisticBackoff::default() }
    }
}

impl AccountCache {
    /// Whether the cache is to be used for the next batch.
    pub(super) fn is_worth_a_try(&self) -> bool {
        self.backoff.is_worth_a_try()
    }

    /// Removes and returns the entry of `account`, if it was written recently before `now`. The write of the batch
    /// stores the new version.
    pub(super) fn take(&self, account: AccountId, now: Timestamp) -> Option<CachedAccount> {
        let (_, (known, at)) = self.kept.remove(&account)?;
        let age = now.micros().saturating_sub(at.micros());
        (0..MICROS).contains(&age).then_some(known)
    }

    /// Stores `state`, which the transaction `written_by` wrote at `now` with `burning` in the balance row.
    pub(super) fn keep(
        &self,
        state: AccountState,
        written_by: i64,
        burning: Option<BurningGrant>,
        now: Timestamp,
    ) {
        let version = Version { written_by, head: state.balance.head, burning };
        let loaded = state.at_rest();
        self.kept.insert(loaded.balance.account, (CachedAccount { loaded, version }, now));
    }

    pub(super) fn forget(&self, account: AccountId) {
        self.kept.remove(&account);
    }

    pub(super) fn was_right(&self) {
        self.backoff.went_well();
    }

    pub(super) fn was_wrong(&self) {
        self.backoff.was_in_vain();
    }
}
