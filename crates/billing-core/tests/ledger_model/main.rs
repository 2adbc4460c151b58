//! The ledger against a slow and obvious model of it: random histories end the same in both.
#![expect(clippy::unwrap_used, reason = "what the tests make themselves is known to be there")]

mod audits;
mod by_hand;
mod calls;
mod fuzz;
mod hashes;
mod invariants;
mod model;
mod names;
mod reach;
mod seen;
mod side_by_side;
mod steps;
mod store;
mod tariffs;
mod told;
mod world;

use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::TestRunner;

use side_by_side::SideBySide;
use steps::{Flood, Step, postings, steps};
use world::Policy;

proptest! {
    // Or as many as `PROPTEST_CASES` says.
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    /// Outcomes, entries, grants, holds, debts and balances are the model's, every invariant holds after every
    /// batch, a batch ends as its postings do one at a time, an account that is loaded in part as one that is
    /// loaded whole, and a reader sees what a writer would find.
    #[test]
    fn random_histories_end_as_in_the_model(steps in steps(1..20), first in 0_usize..3) {
        run(SideBySide::begin(first), &steps)?;
    }
}

/// The same from the edge of 64 bits on, where a few credits more do not fit any longer. Each begins with more
/// than a thousand commands, so there are fewer of them: 8, or a 32nd of what `PROPTEST_CASES` says.
#[test]
fn random_histories_at_the_edge_of_64_bits_end_as_in_the_model() {
    let usual = ProptestConfig::default();
    let config = ProptestConfig { cases: usual.cases.div_ceil(32), failure_persistence: None, ..usual };
    let floods = select(vec![Flood::Given, Flood::Coming, Flood::Owed]);
    let cases = (steps(1..6), floods, any::<bool>());
    let result = TestRunner::new(config).run(&cases, |(steps, flood, limited)| {
        let mut ledgers = SideBySide::begin(2);
        let policy = |overdraft_limit| Policy { account: 0, overdraft_limit, frozen: false };
        ledgers.set_policy(policy(i64::MAX));
        let opened = ledgers.post(&[steps::a_flood(flood)], world::begin())?;
        prop_assert!(opened[0].is_ok());
        ledgers.set_policy(policy(if limited { 0 } else { i64::MAX }));
        run(ledgers, &steps)
    });
    result.unwrap();
}

fn run(mut ledgers: SideBySide, steps: &[Step]) -> Result<(), TestCaseError> {
    let mut now = world::begin();
    let mut sent = Vec::new();
    for step in steps {
        now = now.plus_seconds(step.seconds);
        if let Some(policy) = step.policy {
            ledgers.set_policy(policy);
        }
        let batch = postings(step, now, &ledgers.batched.rows, &mut sent);
        ledgers.post(&batch, now)?;
        ledgers.read(now.plus_seconds(step.look_ahead))?;
    }
    ledgers.tell_again();
    Ok(())
}
