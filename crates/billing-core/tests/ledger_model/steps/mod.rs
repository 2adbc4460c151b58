//! Random histories.

mod ask;
mod known;

use std::ops::Range;

use billing_core::ledger::{Command, EntryType, GrantCredits, Posting, Source, SpendCredits, SpendType};
use billing_core::values::{BusinessKey, Credits, Timestamp};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::store::Rows;
use crate::world::{Policy, accounts, begin, nobody, posting};
use ask::{Ask, ask};
pub(crate) use known::Known;

const MAX: i64 = Credits::MAX_AMOUNT.get();

/// Some time passes, a setting may change, then a batch is posted; then somebody looks at a moment not far
/// off.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    pub(crate) seconds: i64,
    pub(crate) look_ahead: i64,
    pub(crate) policy: Option<Policy>,
    batch: Vec<Request>,
}

#[derive(Debug, Clone)]
enum Request {
    /// A request of its own, though maybe under a key that was used.
    New { account: usize, key: u8, commands: Vec<Ask> },
    /// One of those sent before, word for word.
    Again(usize),
}

pub(crate) fn steps(count: Range<usize>) -> impl Strategy<Value = Vec<Step>> {
    vec(step(), count)
}

fn step() -> impl Strategy<Value = Step> {
    // Mostly forwards, sometimes a little backwards: clocks are set.
    let seconds = prop_oneof![3 => Just(0), 5 => 1_i64..6, 2 => 6_i64..40, 1 => -9_i64..0];
    let limit = prop_oneof![3 => Just(0), 6 => 1_i64..40, 1 => select(vec![1000, MAX])];
    let account = prop_oneof![4 => Just(0), 1 => Just(1)];
    let policy = (account, limit, prop::bool::weighted(0.06));
    let policy =
        policy.prop_map(|(account, overdraft_limit, frozen)| Policy { account, overdraft_limit, frozen });
    let policy = prop::option::weighted(0.25, policy);
    let batch = prop_oneof![2 => vec(request(), 1), 3 => vec(request(), 2..6)];
    (seconds, 0_i64..30, policy, batch).prop_map(|(seconds, look_ahead, policy, batch)| Step {
        seconds,
        look_ahead,
        policy,
        batch,
    })
}

fn request() -> impl Strategy<Value = Request> {
    // Mostly the first account, so that its history is a long one. The last account is nobody's.
    let account = prop_oneof![24 => Just(0), 6 => Just(1), 1 => Just(2)];
    let commands = prop_oneof![1 => Just(Vec::new()), 24 => vec(ask(), 1), 12 => vec(ask(), 2..4)];
    let new = (account, 0_u8..90, commands).prop_map(|(account, key, commands)| Request::New {
        account,
        key,
        commands,
    });
    prop_oneof![8 => new, 1 => any::<prop::sample::Index>().prop_map(|at| Request::Again(at.index(1000)))]
}

/// What `step` posts at `now` to a ledger that has `rows`; `sent` has everything that was posted before.
pub(crate) fn postings(step: &Step, now: Timestamp, rows: &Rows, sent: &mut Vec<Posting>) -> Vec<Posting> {
    let mut batch = Vec::new();
    for request in &step.batch {
        let posting = match request {
            Request::New { account, key, commands } => {
                let account = accounts().get(*account).copied().unwrap_or_else(nobody);
                let known = Known::of(rows, account);
                let commands = commands.iter().map(|ask| ask.command(now, &known)).collect();
                posting(account, &format!("k{key}"), commands)
            }
            Request::Again(place) if !sent.is_empty() => sent[place % sent.len()].clone(),
            Request::Again(_) => continue,
        };
        sent.push(posting.clone());
        batch.push(posting);
    }
    batch
}

/// What brings an account to the edge of 64 bits.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Flood {
    /// Credits that count at once.
    Given,
    /// Credits that count later.
    Coming,
    /// Debt.
    Owed,
}

/// 1,024 times the largest amount: 1,024 credits more, and the balance would not fit.
pub(crate) fn a_flood(flood: Flood) -> Posting {
    let drop_by_drop = (0..1024).map(|number| {
        let fact = BusinessKey::from_stored(format!("flood {number}"));
        let grant = GrantCredits::new(Credits::MAX_AMOUNT, Source::Promo, fact, String::new());
        let later = Some(begin().plus_seconds(9));
        match flood {
            Flood::Given => Command::Grant(grant),
            Flood::Coming => Command::Grant(GrantCredits { effective_at: later, ..grant }),
            Flood::Owed => {
                let kind = EntryType::Spend(SpendType::default());
                Command::Spend(SpendCredits::new(Credits::MAX_AMOUNT, kind, String::new()))
            }
        }
    });
    posting(accounts()[0], "flood", drop_by_drop.collect())
}
