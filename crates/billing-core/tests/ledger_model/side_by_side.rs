//! Ledgers side by side: one posts batches, one each posting alone, one loads as little as it may, and one is
//! the model.

use billing_core::ledger::{Command, Outcome, Posting, Refusal, SpendCredits, audit};
use billing_core::values::{Credits, Timestamp};
use proptest::prelude::*;

use crate::model::Model;
use crate::names::Names;
use crate::store::{Kept, Rows};
use crate::told::Sums;
use crate::world::{Policy, accounts, posting};
use crate::{invariants, seen};

pub(crate) struct SideBySide {
    pub(crate) batched: Kept,
    single: Kept,
    partial: Kept,
    model: Model,
    names: Names,
}

impl SideBySide {
    /// Ledgers without history; the one that loads little begins with so many grants.
    pub(crate) fn begin(first: usize) -> Self {
        Self {
            batched: Kept::whole(&accounts()),
            single: Kept::whole(&accounts()),
            partial: Kept::partial(&accounts(), first),
            model: Model::with_accounts(&accounts()),
            names: Names::default(),
        }
    }

    pub(crate) fn set_policy(&mut self, policy: Policy) {
        let account = accounts()[policy.account];
        let Policy { overdraft_limit, frozen, .. } = policy;
        for ledger in [&mut self.batched, &mut self.single, &mut self.partial] {
            ledger.set_policy(account, overdraft_limit, frozen);
        }
        self.model.set_policy(account, overdraft_limit, frozen);
    }

    pub(crate) fn post(&mut self, batch: &[Posting], now: Timestamp) -> Result<Vec<Outcome>, TestCaseError> {
        let together = self.batched.post(batch, now);
        let mut apart = Vec::new();
        for posting in batch {
            apart.push(post_alone(&mut self.single, posting, now)?);
        }
        prop_assert_eq!(&together, &apart, "a batch does not end as its postings do one at a time");
        same_rows(&self.batched.rows, &self.single.rows)?;
        let partly = self.partial.post(batch, now);
        prop_assert_eq!(&together, &partly, "an account that is loaded in part ends otherwise");
        same_rows(&self.batched.rows, &up_to_next_change(&self.partial.rows, &self.batched.rows)?)?;

        self.names.learn(&self.batched.rows);
        for (posting, outcome) in batch.iter().zip(&together) {
            let expected = self.model.post(posting, now, &self.names);
            prop_assert_eq!(seen::told(outcome, &self.names), expected, "{:?}", posting);
        }
        for account in accounts() {
            prop_assert_eq!(audit::check(&self.batched.rows.history(account)), vec![]);
            invariants::check(&self.batched.rows, account)?;
            let picture = seen::picture(&self.batched.rows, account, &self.names);
            prop_assert_eq!(picture, self.model.picture(account));
        }
        Ok(together)
    }

    /// Reading ahead in memory finds what the model does, and what a posting at that moment would.
    pub(crate) fn read(&self, now: Timestamp) -> Result<(), TestCaseError> {
        for account in accounts() {
            let state = self.batched.read(account, now);
            let (sums, open) = seen::state(&state, &self.names);
            let (expected, expected_open, live) = self.model.read(account, now);
            // How far a reader's clock went is its own affair.
            prop_assert_eq!(&Sums { last_at: now, ..sums }, &Sums { last_at: now, ..expected });
            prop_assert_eq!(open, expected_open);
            let grants: Vec<_> = state.live_grants().map(seen::grant_seen).collect();
            prop_assert_eq!(grants, live);
            if state.balance.frozen {
                continue;
            }
            // More than anybody has: the refusal says what there is.
            let required = Credits::MAX_AMOUNT;
            let kind = "probe".parse().unwrap();
            let probe = Command::Spend(SpendCredits::new(required, kind, String::new()));
            let mut tried = self.batched.clone();
            let probed = tried.post(&[posting(account, "probe", vec![probe])], now);
            let (available, held) = (state.balance.available(), state.balance.held);
            match &probed[0] {
                Ok(posted) => prop_assert_eq!(posted.available.get(), available.get() - required.get()),
                Err(refusal) => {
                    prop_assert_eq!(refusal, &Refusal::InsufficientCredits { required, available, held });
                    same_rows(&self.batched.rows, &tried.rows)?;
                }
            }
        }
        Ok(())
    }

    /// What was accepted leads to the same stories when they are told from the beginning.
    pub(crate) fn tell_again(&self) {
        self.model.tell_again(&self.names);
    }
}

fn post_alone(ledger: &mut Kept, posting: &Posting, now: Timestamp) -> Result<Outcome, TestCaseError> {
    let before = ledger.rows.clone();
    let known = before.balances.contains_key(&posting.account);
    let advanced = known.then(|| ledger.read(posting.account, now));
    let mut outcomes = ledger.post(std::slice::from_ref(posting), now);
    let outcome = outcomes.remove(0);
    match &outcome {
        Ok(posted) if !posted.replayed && invariants::only_spends(posting) => {
            let room = invariants::room(&advanced.unwrap().balance, posting);
            let left = invariants::room(&ledger.rows.balances[&posting.account], posting);
            prop_assert!(left >= room.min(0), "{} were available with the overdraft, now {}", room, left);
        }
        Ok(posted) if posted.replayed => same_rows(&before, &ledger.rows)?,
        Ok(_) => {}
        Err(_) => same_rows(&before, &ledger.rows)?,
    }
    Ok(outcome)
}

/// The rows of a ledger that loads in part, with the next change of one that loads everything: the former may
/// be earlier.
pub(crate) fn up_to_next_change(partial: &Rows, whole: &Rows) -> Result<Rows, TestCaseError> {
    let mut rows = partial.clone();
    for (account, balance) in &mut rows.balances {
        let exact = whole.balances[account].next_change_at;
        let early = exact.is_none_or(|exact| balance.next_change_at.is_some_and(|known| known <= exact));
        prop_assert!(early, "time changes something at {:?}, kept {:?}", exact, balance.next_change_at);
        balance.next_change_at = exact;
    }
    Ok(rows)
}

/// Table by table, so that a difference is told in a few lines.
pub(crate) fn same_rows(one: &Rows, other: &Rows) -> Result<(), TestCaseError> {
    prop_assert_eq!(&one.balances, &other.balances);
    prop_assert_eq!(&one.grants, &other.grants);
    prop_assert_eq!(&one.holds, &other.holds);
    prop_assert_eq!(&one.debts, &other.debts);
    prop_assert_eq!(&one.carried, &other.carried);
    prop_assert_eq!(&one.usages, &other.usages);
    prop_assert_eq!(&one.entries, &other.entries);
    prop_assert_eq!(&one.allocations, &other.allocations);
    prop_assert_eq!(&one.postings, &other.postings);
    Ok(())
}
