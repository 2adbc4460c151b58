//! A store as small as one can be: it loads, folds and writes, and nothing else.

mod load;
mod rows;

use std::sync::atomic::{AtomicU64, Ordering};

use billing_core::ledger::{AccountState, Outcome, Posting, fold, read_as_of};
use billing_core::values::{AccountId, Credits, IdSource, Timestamp};

pub(crate) use rows::Rows;

/// Ids that count up.
#[derive(Debug, Default)]
pub(crate) struct Counting(AtomicU64);

/// A ledger: its rows, and how much of an account it loads.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) rows: Rows,
    ids: Counting,
    /// How many live grants of an account are loaded at first; all that is live if none is named.
    first: Option<usize>,
}

impl IdSource for Counting {
    fn next_uuid(&self) -> uuid::Uuid {
        uuid::Uuid::from_u128(u128::from(self.0.fetch_add(1, Ordering::Relaxed)) + 1)
    }
}

impl Kept {
    /// A ledger that loads everything live of an account.
    pub(crate) fn whole(accounts: &[AccountId]) -> Self {
        Self { rows: Rows::with_accounts(accounts), ids: Counting::default(), first: None }
    }

    /// A ledger that loads the first few grants in burn order and what a batch names, and everything live
    /// only where core asks for it.
    pub(crate) fn partial(accounts: &[AccountId], first: usize) -> Self {
        Self { first: Some(first), ..Self::whole(accounts) }
    }

    pub(crate) fn post(&mut self, batch: &[Posting], now: Timestamp) -> Vec<Outcome> {
        let mut set = self.rows.working_set(self.first, batch, now);
        let (outcomes, writes) = fold(&mut set, batch, now, &self.ids);
        self.rows.write(writes);
        // The kept state of the accounts is the one that was decided on.
        for (account, state) in &set.accounts {
            assert_eq!(state.balance, self.rows.balances[account]);
            if self.first.is_none() {
                let kept = self.state(*account);
                assert!(state.live_grants().eq(kept.live_grants()), "other grants than were decided on");
                assert!(state.open_holds().eq(kept.open_holds()), "other holds than were decided on");
            }
        }
        outcomes
    }

    /// Everything live of the account, as it was written.
    pub(crate) fn state(&self, account: AccountId) -> AccountState {
        self.rows.everything(account).into()
    }

    /// The account as a reader sees it at `now`.
    pub(crate) fn read(&self, account: AccountId, now: Timestamp) -> AccountState {
        read_as_of(self.state(account), now, &self.aside())
    }

    /// What the account's balance row says of its settings.
    pub(crate) fn set_policy(&mut self, account: AccountId, overdraft_limit: i64, frozen: bool) {
        let balance = self.rows.balances.get_mut(&account).unwrap();
        balance.overdraft_limit = Credits::new(overdraft_limit);
        balance.frozen = frozen;
    }

    /// Ids for what is tried and thrown away: none that was handed out before.
    fn aside(&self) -> Counting {
        Counting(AtomicU64::new(self.ids.0.load(Ordering::Relaxed)))
    }
}

impl Clone for Kept {
    fn clone(&self) -> Self {
        Self { rows: self.rows.clone(), ids: self.aside(), first: self.first }
    }
}
