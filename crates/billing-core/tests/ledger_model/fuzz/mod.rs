//! Random batches, as odd as bytes can say, for as long as one wants.
//!
//! `BILLING_FUZZ_SECONDS` says for how long; a failure is shrunk, and told as the bytes that lead to it and
//! the batches that they say.

mod bytes;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use billing_core::ledger::{Posting, audit};
use billing_core::values::Timestamp;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{TestError, TestRunner};

use crate::invariants;
use crate::side_by_side::{same_rows, up_to_next_change};
use crate::steps::Known;
use crate::store::Kept;
use crate::world::{accounts, begin};
use bytes::Bytes;

/// For how long, unless somebody asks for more.
const SECONDS: u64 = 2;

/// What one history came to.
#[derive(Debug, Default)]
struct Tally {
    histories: usize,
    batches: usize,
    postings: usize,
    entries: usize,
    refused: BTreeMap<&'static str, usize>,
}

#[test]
fn random_batches_find_nothing() {
    let until = Instant::now() + Duration::from_secs(how_many_seconds());
    let config = ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() };
    let tally = RefCell::new(Tally::default());
    while Instant::now() < until {
        let found = TestRunner::new(config.clone())
            .run(&vec(any::<u8>(), 0..1500), |bytes| run(&bytes, &mut tally.borrow_mut(), |_, _| ()));
        if let Err(TestError::Fail(reason, bytes)) = found {
            // Once more, aloud.
            let _ = std::panic::catch_unwind(|| {
                run(&bytes, &mut Tally::default(), |now, batch| println!("{now}: {batch:#?}"))
            });
            panic!("{reason}\nbytes: {bytes:?}");
        }
    }
    println!("{:#?}", tally.borrow());
}

/// Lets the bytes' history happen: in one ledger that posts batches, in one that posts each posting alone, and
/// in one that loads as little as it may.
fn run(bytes: &[u8], tally: &mut Tally, tell: impl Fn(Timestamp, &[Posting])) -> Result<(), TestCaseError> {
    let first = bytes.first().map_or(0, |first| usize::from(first % 3));
    let mut bytes = Bytes(bytes);
    let mut batched = Kept::whole(&accounts());
    let mut single = batched.clone();
    let mut partial = Kept::partial(&accounts(), first);
    let mut now = begin();
    let mut sent = Vec::new();
    while !bytes.is_empty() {
        now = bytes.later(now);
        if let Some(policy) = bytes.policy() {
            for ledger in [&mut batched, &mut single, &mut partial] {
                ledger.set_policy(accounts()[policy.account], policy.overdraft_limit, policy.frozen);
            }
        }
        let known = accounts().map(|account| Known::of(&batched.rows, account));
        let batch = bytes.batch(now, &known, &mut sent);
        tell(now, &batch);
        let before = batched.rows.balances.clone();
        let together = batched.post(&batch, now);
        let mut apart = Vec::new();
        for posting in &batch {
            apart.push(alone(&mut single, posting, now)?);
        }
        prop_assert_eq!(&together, &apart, "a batch does not end as its postings do one at a time");
        same_rows(&batched.rows, &single.rows)?;
        let partly = partial.post(&batch, now);
        prop_assert_eq!(&together, &partly, "an account that is loaded in part ends otherwise");
        same_rows(&batched.rows, &up_to_next_change(&partial.rows, &batched.rows)?)?;
        for account in accounts() {
            if before[&account] != batched.rows.balances[&account] {
                prop_assert_eq!(audit::check(&batched.rows.history(account)), vec![]);
                invariants::check(&batched.rows, account)?;
            }
            batched.read(account, bytes.moment(now));
        }
        tally.batches += 1;
        tally.postings += batch.len();
        for refusal in together.iter().filter_map(|outcome| outcome.as_ref().err()) {
            *tally.refused.entry(refusal.code()).or_default() += 1;
        }
    }
    tally.histories += 1;
    tally.entries += batched.rows.entries.len();
    Ok(())
}

/// Posts one posting. A refused one changes no row, and one that was seen before neither.
fn alone(
    ledger: &mut Kept,
    posting: &Posting,
    now: Timestamp,
) -> Result<billing_core::ledger::Outcome, TestCaseError> {
    let before = ledger.rows.clone();
    let outcome = ledger.post(std::slice::from_ref(posting), now).remove(0);
    if outcome.as_ref().map_or(true, |posted| posted.replayed) {
        same_rows(&before, &ledger.rows)?;
    }
    Ok(outcome)
}

#[expect(clippy::disallowed_methods, reason = "the long run asks for more seconds by this one variable")]
fn how_many_seconds() -> u64 {
    std::env::var("BILLING_FUZZ_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(SECONDS)
}
