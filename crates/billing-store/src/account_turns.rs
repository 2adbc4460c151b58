//! One commit at a time for each account.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use billing_core::values::AccountId;
use tokio::sync::{Mutex as Turn, OwnedMutexGuard};

/// How many accounts are remembered before those that nobody waits for are forgotten.
const FORGET_ABOVE: usize = 1024;

/// Lets a process write to an account in one commit at a time, the others waiting without a connection: an account
/// whose rows another session keeps locked then occupies one connection, however many ask for it.
///
/// This is no lock that anything relies on; other processes have turns of their own.
#[derive(Default)]
pub(crate) struct AccountTurns(Mutex<HashMap<AccountId, Weak<Turn<()>>>>);

impl AccountTurns {
    /// Waits until nobody else in this process writes to one of `accounts`. The turn ends when the answer is dropped.
    pub(crate) async fn take(&self, accounts: &BTreeSet<AccountId>) -> Vec<OwnedMutexGuard<()>> {
        let mut taken = Vec::with_capacity(accounts.len());
        // In one order for everybody, so that no two wait for each other.
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
