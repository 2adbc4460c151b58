//! The ledger against a slow and obvious model of it: random histories end the same in both.
#![expect(clippy::unwrap_used, reason = "what the tests make themselves is known to be there")]

mod kept;
mod model;
mod steps;

use billing_core::ledger::audit;
use billing_core::ledger::{Outcome, Posting, read_as_of};
use billing_core::values::{AccountId, Timestamp};
use proptest::prelude::*;

use kept::{Counting, Kept};
use model::{Line, Model};
use steps::{Step, accounts, postings, steps};

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    /// Outcomes, entries, grants and balances are the model's, every invariant holds after every batch, a
    /// batch ends as its postings do one at a time, and a reader sees what a writer would find.
    #[test]
    fn random_histories_end_as_in_the_model(steps in steps(1..14)) {
        run(&steps, &[])?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]

    /// The same from the edge of 64 bits on, where a few credits more do not fit any longer.
    #[test]
    fn random_histories_at_the_edge_of_64_bits_end_as_in_the_model(
        steps in steps(1..6),
        later in any::<bool>(),
    ) {
        run(&steps, &[steps::a_flood(later)])?;
    }
}

/// Three ledgers side by side: one posts batches, one each posting alone, one is the model.
struct Trio {
    batched: Kept,
    single: Kept,
    model: Model,
}

fn run(steps: &[Step], opening: &[Posting]) -> Result<(), TestCaseError> {
    let mut trio = Trio {
        batched: Kept::with_accounts(&accounts()),
        single: Kept::with_accounts(&accounts()),
        model: Model::with_accounts(&accounts()),
    };
    let mut now = steps::begin();
    trio.post(opening, now)?;
    let mut sent = Vec::new();
    for step in steps {
        now = now.plus_seconds(step.seconds);
        let batch = postings(step, now, &mut sent);
        trio.post(&batch, now)?;
        trio.read(now.plus_seconds(step.look_ahead))?;
    }
    Ok(())
}

impl Trio {
    fn post(&mut self, batch: &[Posting], now: Timestamp) -> Result<(), TestCaseError> {
        let together = self.batched.post(batch, now);
        let mut apart = Vec::new();
        for posting in batch {
            apart.extend(self.single.post(std::slice::from_ref(posting), now));
        }
        prop_assert_eq!(&together, &apart, "a batch does not end as its postings do one at a time");
        prop_assert_eq!(&self.batched, &self.single, "a batch leaves other rows than its postings do");
        for (posting, outcome) in batch.iter().zip(&together) {
            let expected = self.model.post(posting, now);
            prop_assert_eq!(told(outcome), expected, "{:?}", posting);
        }
        for account in accounts() {
            let history = self.batched.history(account);
            prop_assert_eq!(audit::check(&history), vec![]);
            let lines: Vec<_> = history.lines.entries.iter().map(Line::of).collect();
            prop_assert_eq!(lines, self.model.lines(account));
            prop_assert_eq!(self.batched.left(account), self.model.left(account));
            prop_assert_eq!(self.batched.drawn(account), self.model.drawn(account));
        }
        Ok(())
    }

    /// Reading ahead in memory finds what a posting at that moment would.
    fn read(&self, now: Timestamp) -> Result<(), TestCaseError> {
        for account in accounts() {
            let before = self.batched.clone();
            let state = read_as_of(self.batched.state(account, &[]), now, &Counting::default());
            prop_assert_eq!(state.balance.available().get(), self.model.available_at(account, now));
            let spendable: i64 = state.live_grants().map(|grant| grant.spendable().get()).sum();
            prop_assert_eq!(spendable, state.balance.posted.get());
            prop_assert_eq!(&before, &self.batched, "reading writes nothing");
        }
        Ok(())
    }
}

/// An outcome in the model's words: without ids.
fn told(outcome: &Outcome) -> model::Told {
    outcome.clone().map(|posted| model::Answer {
        lines: posted.entries.iter().map(Line::of).collect(),
        grants: posted.grants.iter().map(|grant| grant.business_key.clone()).collect(),
        available: posted.available.get(),
        replayed: posted.replayed,
    })
}

/// An account that no ledger of these tests has.
fn nobody() -> AccountId {
    AccountId::from_uuid(uuid::Uuid::from_u128(404))
}
