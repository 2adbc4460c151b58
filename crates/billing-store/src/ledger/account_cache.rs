//! Accounts as the last batch left them, so that the next one need not look.
//!
//! What is remembered may be out of date, and nobody is told when it is: it is what a batch is *tried* on. The
//! write finds out, for each account, whether it is still in the version that is remembered. What a batch would
//! not write (a refusal) is never decided on it.

use billing_core::ledger::{AccountState, ChainHash, Loaded};
use billing_core::values::{AccountId, Timestamp};
use quick_cache::sync::Cache;

use super::burning_grant::BurningGrant;
use super::optimistic_backoff::OptimisticBackoff;

/// About 30 MB.
const MOST: usize = 20_000;

/// For so long. Transactions' numbers come round again after four billion, which takes no server ten minutes.
const MICROS: i64 = 10 * 60 * 1_000_000;

/// Which version of its kept row an account was decided on: what Postgres calls `xmin`, the transaction that wrote
/// the row, which changes with every write, whoever writes; and the hash of all postings up to it, which differs
/// where a server came back without its last transactions and gave their numbers to others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Version {
    pub(super) written_by: i64,
    pub(super) head: ChainHash,
    /// What the kept row says of the grant that is drawn on; it is decided by the version, and not compared.
    pub(super) burning: Option<BurningGrant>,
}

/// An account in some version.
#[derive(Clone)]
pub(super) struct CachedAccount {
    pub(super) loaded: Loaded,
    pub(super) version: Version,
}

/// What this process wrote last, account by account.
pub(crate) struct AccountCache {
    kept: Cache<AccountId, (CachedAccount, Timestamp)>,
    /// Where other processes write to the same accounts, what is remembered is mostly out of date.
    backoff: OptimisticBackoff,
}

impl Default for AccountCache {
    fn default() -> Self {
        Self { kept: Cache::new(MOST), backoff: OptimisticBackoff::default() }
    }
}

impl AccountCache {
    /// Whether remembering is of use at present.
    pub(super) fn is_worth_a_try(&self) -> bool {
        self.backoff.is_worth_a_try()
    }

    /// What is known of `account`, if it was written not long before `now`. It is not remembered any longer:
    /// whoever writes it says in which version it is then.
    pub(super) fn take(&self, account: AccountId, now: Timestamp) -> Option<CachedAccount> {
        let (_, (known, at)) = self.kept.remove(&account)?;
        let age = now.micros().saturating_sub(at.micros());
        (0..MICROS).contains(&age).then_some(known)
    }

    /// Keeps `state`, which the transaction `written_by` wrote at `now` with `burning` in the kept row.
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
