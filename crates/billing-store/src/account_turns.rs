//! Serializes the commits of each account within a process.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use billing_core::values::AccountId;
use tokio::sync::{Mutex as Turn, OwnedMutexGuard};

/// The number of remembered accounts above which unused ones are dropped.
const FORGET_ABOVE: usize = 1024;

/// Serializes a process's commits to an account; waiting ones hold no connection. So an account whose rows another
/// session keeps locked occupies one connection, regardless of the number of waiting commits.
///
/// Correctness does not depend on it; other processes have turns of their own.
#[derive(Default)]
pub(crate) struct AccountTurns(Mutex<HashMap<AccountId, Weak<Turn<()>>>>);

impl AccountTurns {
    /// Waits until no other commit in this process writes to one of `accounts`. The turn ends when the result is
    /// dropped.
    pub(crate) async fn take(&self, accounts: &BTreeSet<AccountId>) -> Vec<OwnedMutexGuard<()>> {
        let mut taken = Vec::with_capacity(accounts.len());
        // In a global order, which prevents deadlocks.
        for account in accounts {
            taken.push(self.turn(*account).lock_owned().await);
        }
        taken
    }

    fn turn(&self, account: AccountId) -> Arc<Turn<()>> {
        let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(turn) = turns.get(&account).and_then(Weak::upgrade) {
            return turn;
        }
        if turns.len() >= FORGET_ABOVE {
            turns.retain(|_, turn| turn.strong_count() > 0);
        }
        let turn = Arc::new(Turn::new(()));
        turns.insert(account, Arc::downgrade(&turn));
        turn
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    fn accounts(numbers: &[u128]) -> BTreeSet<AccountId> {
        numbers.iter().map(|number| AccountId::from_uuid(uuid::Uuid::from_u128(*number))).collect()
    }

    #[test]
    fn one_account_is_written_to_once_at_a_time_and_others_do_not_wait() {
        let turns = AccountTurns::default();
        let first = turns.take(&accounts(&[1, 2])).now_or_never();
        assert!(first.is_some());
        assert!(turns.take(&accounts(&[2, 3])).now_or_never().is_none());
        assert!(turns.take(&accounts(&[3, 4])).now_or_never().is_some());
        drop(first);
        assert!(turns.take(&accounts(&[2, 3])).now_or_never().is_some());
    }

    #[test]
    fn accounts_that_nobody_waits_for_are_forgotten() {
        let turns = AccountTurns::default();
        let kept = turns.take(&accounts(&[0])).now_or_never();
        for number in 1..5_000 {
            drop(turns.take(&accounts(&[number])).now_or_never());
        }
        assert!(turns.0.lock().unwrap_or_else(PoisonError::into_inner).len() <= FORGET_ABOVE);
        assert!(turns.take(&accounts(&[0])).now_or_never().is_none());
        drop(kept);
    }
}
