//! Posts a batch of spends on Postgres without locks and without an explicit transaction: at most one read and one
//! write.
//!
//! The accounts are known at a version, from the read or from the account cache. The write is a single statement, which
//! commits itself; it fails unless each account is still at its version. So decisions hold at the commit as they do
//! under locks, for one or two round trips instead of six. If others write to the same accounts (another process, a
//! purchase), or a key was used before, the batch is posted again under locks.

use std::collections::BTreeSet;
use std::sync::Arc;

use billing_core::ledger::{AccountState, Outcome, Posting, WorkingSet, Writes, fold};
use billing_core::ports::{CommitError, IdSource, StoreError};
use billing_core::values::{AccountId, Timestamp};
use sea_orm::DbErr;
use sqlx::PgPool;

use super::account_cache::{AccountCache, CachedAccount};
use super::load_live::FIRST;
use super::optimistic_backoff::OptimisticBackoff;
use super::postgres::{self, Look, Native, Versions};
use crate::error::{after_statement, did_not_add_up, is_read_only, mapped, store_error};
use crate::pool::{CallGuard, RuntimeBoundPool};

/// How many attempts are made on a fresh read: concurrent writers are mostly gone by the second.
const LOOKS: usize = 2;

/// The state kept between batches.
#[derive(Default)]
pub(crate) struct OptimisticPost {
    cache: AccountCache,
    backoff: OptimisticBackoff,
}

/// The result of one attempt.
enum Tried {
    Done(Vec<Outcome>),
    /// One of the accounts was written to since.
    Overtaken,
    /// A key was used before; the locked path finds its outcome.
    Repeated,
    /// It needs locks.
    Unsuited,
}

/// A batch, and the pool to post it on.
struct Try<'a> {
    pool: &'a PgPool,
    calls: &'a CallGuard,
    batch: &'a [Posting],
    now: Timestamp,
    ids: &'a dyn IdSource,
}

/// The batch's accounts, each at a version.
struct Accounts {
    set: WorkingSet,
    versions: Versions,
}

impl OptimisticPost {
    /// Posts `batch`, if it can be posted optimistically. `None` means that nothing was written, and it has to be
    /// posted under locks.
    ///
    /// # Errors
    ///
    /// As [`LedgerStore::post`](billing_core::ports::LedgerStore::post).
    pub(super) async fn post(
        &self,
        pool: &RuntimeBoundPool,
        batch: &[Posting],
        now: Timestamp,
        ids: &dyn IdSource,
    ) -> Result<Option<Vec<Outcome>>, StoreError> {
        let (calls, pool) = (pool.calls(), pool.connection().get_postgres_connection_pool());
        let tried = Try { pool, calls, batch, now, ids };
        let ended = if batch.iter().all(Posting::is_plain_spend) { self.tries(&tried).await? } else { None };
        if ended.is_none() {
            for posting in batch {
                self.cache.forget(posting.account);
            }
        }
        Ok(ended)
    }

    async fn tries(&self, tried: &Try<'_>) -> Result<Option<Vec<Outcome>>, StoreError> {
        if !self.backoff.is_worth_a_try() {
            return Ok(None);
        }
        let remembers = self.cache.is_worth_a_try();
        if remembers {
            let known = tried.recall(&self.cache);
            if !known.set.accounts.is_empty() {
                if let Tried::Done(outcomes) = self.once(tried, known, remembers).await? {
                    self.cache.was_right();
                    return Ok(Some(outcomes));
                }
                self.cache.was_wrong();
            }
        }
        for _ in 0..LOOKS {
            match self.once(tried, Accounts::none(), remembers).await? {
                Tried::Done(outcomes) => {
                    self.backoff.went_well();
                    return Ok(Some(outcomes));
                }
                Tried::Unsuited => return Ok(None),
                Tried::Repeated => break,
                Tried::Overtaken => {}
            }
        }
        self.backoff.was_in_vain();
        Ok(None)
    }

    /// One attempt, on the accounts in `known` and a read of the others.
    async fn once(&self, tried: &Try<'_>, mut known: Accounts, remembers: bool) -> Result<Tried, StoreError> {
        let remembered: Vec<AccountId> = known.set.accounts.keys().copied().collect();
        tried.look(&mut known).await?;
        if tried.takes_locks(&known.set) {
            return Ok(Tried::Unsuited);
        }
        let Accounts { mut set, versions } = known;
        let (outcomes, writes) = fold(&mut set, tried.batch, tried.now, tried.ids);
        if !postgres::is_plain(&writes) {
            return Ok(Tried::Unsuited);
        }
        if tried.rests_on(&remembered, &outcomes, &writes) {
            return Ok(Tried::Overtaken);
        }
        if tried.refuses_what_was_done(&outcomes).await? {
            return Ok(Tried::Unsuited);
        }
        if writes.is_empty() {
            return Ok(Tried::Done(outcomes));
        }
        let mut values = Native::default();
        let grants = postgres::grant_writes(&writes, &versions);
        let sql = postgres::write_plain(&mut values, &writes, &versions, &grants);
        let writing = sqlx::query_scalar_with(sql, values.arguments()?).fetch_one(tried.pool);
        let written = tried.calls.within(writing).await;
        let written = written.map_err(|late| StoreError::OutcomeUnknown(Arc::new(late)))?;
        match written.map_err(mapped) {
            Ok(written_by) => {
                let written = set.accounts.into_iter().filter(|_| remembers);
                for (state, grants) in written.filter_map(|(id, state)| Some((state, grants.get(&id)?))) {
                    self.cache.keep(state, written_by, grants.burning, tried.now);
                }
                Ok(Tried::Done(outcomes))
            }
            Err(error) if did_not_add_up(&error) => Ok(Tried::Overtaken),
            Err(error) => {
                if is_read_only(&error) {
                    tried.calls.retire_connections();
                }
                match after_statement(error) {
                    CommitError::Conflict => Ok(Tried::Repeated),
                    CommitError::Store(error) => Err(error),
                    other => Err(StoreError::Unexpected(Arc::new(other))),
                }
            }
        }
    }
}

impl Try<'_> {
    /// The batch's accounts that are cached.
    fn recall(&self, remembered: &AccountCache) -> Accounts {
        let mut known = Accounts::none();
        for posting in self.batch {
            if let Some(CachedAccount { loaded, version }) = remembered.take(posting.account, self.now) {
                known.versions.insert(posting.account, version);
                known.set.accounts.insert(posting.account, AccountState::from(loaded));
            }
        }
        known
    }

    /// Reads the batch's accounts that are not known.
    async fn look(&self, known: &mut Accounts) -> Result<(), StoreError> {
        let all = self.batch.iter().map(|posting| posting.account);
        let unknown: BTreeSet<AccountId> =
            all.filter(|account| !known.set.accounts.contains_key(account)).collect();
        if unknown.is_empty() {
            return Ok(());
        }
        let ask = || {
            let mut values = Native::default();
            let sql = postgres::look(&mut values, &unknown);
            Ok(sqlx::query_with(sql, values.arguments()?).fetch_all(self.pool))
        };
        let mut look = Look::default();
        for row in self.read(ask).await? {
            look.add(&row)?;
        }
        known.versions.extend(look.versions);
        known.set.accounts.extend(look.loaded.into_iter().map(|(id, mut loaded)| {
            loaded.more = loaded.grants.len() >= FIRST || loaded.balance.open_holds > 0;
            (id, AccountState::from(loaded))
        }));
        Ok(())
    }

    /// Whether a change is due by time, or more has to be loaded.
    fn takes_locks(&self, set: &WorkingSet) -> bool {
        let due = |state: &AccountState| {
            let balance = &state.balance;
            balance.next_change_at.is_some_and(|at| at <= self.now.max(balance.last_at))
        };
        set.accounts.values().any(due) || !set.accounts_needing_full_load(self.batch, self.now).is_empty()
    }

    /// Whether an outcome was decided on one of the `remembered` accounts that no write will verify.
    fn rests_on(&self, remembered: &[AccountId], outcomes: &[Outcome], writes: &Writes) -> bool {
        let untested = |(posting, outcome): (&Posting, &Outcome)| {
            (outcome.is_err() || !writes.balances.contains_key(&posting.account))
                && remembered.contains(&posting.account)
        };
        self.batch.iter().zip(outcomes).any(untested)
    }

    /// Whether a refused posting was applied before under the same key, so that its outcome is recorded. An accepted
    /// one needs no check: its write fails on the existing key.
    async fn refuses_what_was_done(&self, outcomes: &[Outcome]) -> Result<bool, StoreError> {
        let refused: Vec<&Posting> = self
            .batch
            .iter()
            .zip(outcomes)
            .filter_map(|(posting, outcome)| outcome.is_err().then_some(posting))
            .collect();
        if refused.is_empty() {
            return Ok(false);
        }
        let ask = || {
            let mut values = Native::default();
            let sql = postgres::seen(&mut values, &refused);
            Ok(sqlx::query_scalar_with(sql, values.arguments()?).fetch_one(self.pool))
        };
        self.read(ask).await
    }

    /// Runs a statement that writes nothing, and repeats it if its idle connection was cut.
    async fn read<T, F>(&self, ask: impl Fn() -> Result<F, StoreError>) -> Result<T, StoreError>
    where
        F: Future<Output = Result<T, sqlx::Error>>,
    {
        let asked = self.calls.repeatable(|| {
            let statement = ask().map_err(|problem| DbErr::Custom(problem.to_string()));
            async move { statement?.await.map_err(mapped) }
        });
        asked.await.map_err(store_error)
    }
}

impl Accounts {
    fn none() -> Self {
        Self { set: WorkingSet::default(), versions: Versions::new() }
    }
}
