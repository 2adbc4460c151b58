//! A batch of spends without locks and without a transaction around it, on Postgres: one look, one write.
//!
//! The look shows every account in some version. The write is one statement that does all of it, and commits
//! it, if each account is still in that version; otherwise it fails. So what was decided on is what was there at
//! the commit, as it is under locks, for two round trips in place of six. Where others write to the same accounts
//! (another process, a purchase), or a key was seen before, the batch is carried out again, under locks.

use std::sync::atomic::{AtomicU32, Ordering};

use billing_core::ledger::{AccountState, Command, Loaded, Outcome, Posting, WorkingSet, fold};
use billing_core::ports::{CommitError, IdSource, StoreError};
use billing_core::values::{Credits, Timestamp};
use sqlx::PgPool;

use super::load_live::FIRST;
use super::sets::{self, Look, Native};
use crate::error::{after_statement, did_not_add_up, mapped, store_error};

/// How often it is tried: others who were there in between are mostly gone by the second time.
const TRIES: usize = 2;

/// How one try ended.
enum Tried {
    Done(Vec<Outcome>),
    /// Others have written to one of the accounts since.
    Overtaken,
    /// A key was seen before; under locks its first answer is found.
    Repeated,
    /// It takes locks.
    Unsuited,
}

/// Carries out `batch`, if it can be done so: `None` if it has to be done under locks, and nothing was done.
pub(super) async fn post_at_once(
    pool: &PgPool,
    batch: &[Posting],
    now: Timestamp,
    ids: &dyn IdSource,
    crowding: &Crowding,
) -> Result<Option<Vec<Outcome>>, StoreError> {
    if !batch.iter().all(is_plain) || !crowding.is_worth_a_try() {
        return Ok(None);
    }
    for _ in 0..TRIES {
        match once(pool, batch, now, ids).await? {
            Tried::Done(outcomes) => {
                crowding.went_well();
                return Ok(Some(outcomes));
            }
            Tried::Unsuited => return Ok(None),
            Tried::Repeated => break,
            Tried::Overtaken => {}
        }
    }
    crowding.was_in_vain();
    Ok(None)
}

async fn once(
    pool: &PgPool,
    batch: &[Posting],
    now: Timestamp,
    ids: &dyn IdSource,
) -> Result<Tried, StoreError> {
    let Some((mut set, versions)) = look(pool, batch, now).await? else { return Ok(Tried::Unsuited) };
    let (outcomes, writes) = fold(&mut set, batch, now, ids);
    if !sets::is_plain(&writes) || refuses_what_was_done(pool, batch, &outcomes).await? {
        return Ok(Tried::Unsuited);
    }
    if writes.is_empty() {
        return Ok(Tried::Done(outcomes));
    }
    let mut values = Native::default();
    let sql = sets::write_plain(&mut values, &writes, &versions);
    let written = sqlx::query_with(sql, values.arguments()?).execute(pool).await;
    match written.map_err(mapped) {
        Ok(_) => Ok(Tried::Done(outcomes)),
        Err(error) if did_not_add_up(&error) => Ok(Tried::Overtaken),
        Err(error) => match after_statement(error) {
            CommitError::Conflict => Ok(Tried::Repeated),
            CommitError::Store(error) => Err(error),
            other => Err(StoreError::Unexpected(std::sync::Arc::new(other))),
        },
    }
}

async fn look(
    pool: &PgPool,
    batch: &[Posting],
    now: Timestamp,
) -> Result<Option<(WorkingSet, sets::Versions)>, StoreError> {
    let mut look = Look::default();
    let mut values = Native::default();
    let sql = sets::look(&mut values, batch);
    let rows = sqlx::query_with(sql, values.arguments()?).fetch_all(pool).await;
    for row in rows.map_err(|error| store_error(mapped(error)))? {
        look.add(&row)?;
    }
    let due = |loaded: &Loaded| {
        loaded.balance.next_change_at.is_some_and(|at| at <= now.max(loaded.balance.last_at))
    };
    if look.loaded.values().any(due) {
        return Ok(None);
    }
    let accounts = look.loaded.into_iter().map(|(id, mut loaded)| {
        loaded.more = loaded.grants.len() >= FIRST || loaded.balance.held > Credits::ZERO;
        (id, AccountState::from(loaded))
    });
    let set = WorkingSet { accounts: accounts.collect(), ..WorkingSet::default() };
    let lacks = !set.lacking(batch, now).is_empty();
    Ok((!lacks).then_some((set, look.versions)))
}

/// Whether a posting that was refused had been carried out before under the same key, so that it has an answer
/// already. One that was decided on anew cannot be written again: its key is there.
async fn refuses_what_was_done(
    pool: &PgPool,
    batch: &[Posting],
    outcomes: &[Outcome],
) -> Result<bool, StoreError> {
    let refused: Vec<&Posting> = batch
        .iter()
        .zip(outcomes)
        .filter_map(|(posting, outcome)| outcome.is_err().then_some(posting))
        .collect();
    if refused.is_empty() {
        return Ok(false);
    }
    let mut values = Native::default();
    let sql = sets::seen(&mut values, &refused);
    let seen = sqlx::query_scalar_with(sql, values.arguments()?).fetch_one(pool).await;
    seen.map_err(|error| store_error(mapped(error)))
}

/// Whether it does nothing but spend, by amount, now: all that deciding it takes is in the look.
fn is_plain(posting: &Posting) -> bool {
    posting.commands.iter().all(|command| match command {
        Command::Spend(spend) => spend.usage.is_none() && spend.occurred_at.is_none(),
        _ => false,
    })
}

/// How often it was in vain of late. Where it always is (several processes and one hot account, a storm of
/// repetitions), batches go under locks at once, and only some of them try.
#[derive(Default)]
pub(crate) struct Crowding {
    /// How many batches are yet to go under locks at once.
    skip: AtomicU32,
    /// How many tries in a row were in vain.
    in_vain: AtomicU32,
}

/// After so many tries in vain it gets no worse: one batch of 2^6 tries.
const WORST: u32 = 6;

impl Crowding {
    fn is_worth_a_try(&self) -> bool {
        self.skip.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_err()
    }

    fn was_in_vain(&self) {
        let before = self.in_vain.fetch_add(1, Ordering::Relaxed);
        self.skip.store(1 << before.min(WORST), Ordering::Relaxed);
    }

    fn went_well(&self) {
        self.in_vain.store(0, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::Crowding;

    #[test]
    fn the_longer_it_is_in_vain_the_rarer_is_a_try() {
        let crowding = Crowding::default();
        let tries = |batches: usize| (0..batches).filter(|_| crowding.is_worth_a_try()).count();
        assert_eq!(tries(10), 10);
        for waits in [1, 2, 4, 8, 16, 32, 64, 64] {
            crowding.was_in_vain();
            assert_eq!(tries(waits), 0);
            assert_eq!(tries(1), 1);
        }
        crowding.went_well();
        crowding.was_in_vain();
        assert_eq!((tries(1), tries(1)), (0, 1));
    }
}
