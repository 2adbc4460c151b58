//! Random histories.

use std::ops::Range;

use billing_core::ledger::{
    Actor, Command, EntryType, GrantCredits, Posting, Source, SpendCredits, SpendType,
};
use billing_core::values::{AccountId, BusinessKey, Credits, Fingerprint, PostingKey, RequestKey, Timestamp};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// When every history begins.
pub(crate) fn begin() -> Timestamp {
    "2026-04-15T12:00:00Z".parse().unwrap()
}

const MAX: i64 = Credits::MAX_AMOUNT.get();

/// Some time passes, then a batch is posted; then somebody looks at a moment not far off.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    pub(crate) seconds: i64,
    pub(crate) look_ahead: i64,
    batch: Vec<Request>,
}

#[derive(Debug, Clone)]
enum Request {
    /// A request of its own, though maybe under a key that was used.
    New { account: usize, key: u8, commands: Vec<Ask> },
    /// One of those sent before, word for word.
    Again(usize),
}

/// A command, with moments counted in seconds from the moment at which it is sent.
#[derive(Debug, Clone)]
enum Ask {
    Give { amount: i64, priority: i16, source: Source, begin: Option<i64>, end: Option<i64>, fact: u8 },
    Take { amount: i64 },
}

/// The accounts that exist.
pub(crate) fn accounts() -> [AccountId; 2] {
    [1, 2].map(|number| AccountId::from_uuid(uuid::Uuid::from_u128(number)))
}

pub(crate) fn steps(count: Range<usize>) -> impl Strategy<Value = Vec<Step>> {
    vec(step(), count)
}

fn step() -> impl Strategy<Value = Step> {
    // Mostly forwards, sometimes a little backwards: clocks are set.
    let seconds = prop_oneof![6 => 0_i64..6, 2 => 6_i64..40, 1 => -9_i64..0];
    (seconds, 0_i64..30, vec(request(), 1..6)).prop_map(|(seconds, look_ahead, batch)| Step {
        seconds,
        look_ahead,
        batch,
    })
}

fn request() -> impl Strategy<Value = Request> {
    // The last account is nobody's.
    let account = prop_oneof![12 => 0_usize..2, 1 => Just(2)];
    let new = (account, 0_u8..40, vec(ask(), 0..4)).prop_map(|(account, key, commands)| Request::New {
        account,
        key,
        commands,
    });
    prop_oneof![6 => new, 1 => any::<prop::sample::Index>().prop_map(|at| Request::Again(at.index(1000)))]
}

fn ask() -> impl Strategy<Value = Ask> {
    let begin = prop_oneof![2 => Just(None), 2 => (-3_i64..20).prop_map(Some)];
    let end = prop_oneof![1 => Just(None), 3 => (-1_i64..40).prop_map(Some)];
    let give = (amount(), -1_i16..2, select(Source::ALL), begin, end, 0_u8..120).prop_map(
        |(amount, priority, source, begin, end, fact)| Ask::Give {
            amount,
            priority,
            source,
            begin,
            end,
            fact,
        },
    );
    prop_oneof![give, amount().prop_map(|amount| Ask::Take { amount })]
}

fn amount() -> impl Strategy<Value = i64> {
    prop_oneof![
        20 => 1_i64..25,
        2 => select(vec![MAX, MAX - 1, MAX / 2, 1 << 40, 1000]),
        1 => select(vec![0, -1, MAX + 1, i64::MAX, i64::MIN]),
    ]
}

/// What `step` posts at `now`; `sent` has everything that was posted before.
pub(crate) fn postings(step: &Step, now: Timestamp, sent: &mut Vec<Posting>) -> Vec<Posting> {
    let mut batch = Vec::new();
    for request in &step.batch {
        let posting = match request {
            Request::New { account, key, commands } => {
                let account = accounts().get(*account).copied().unwrap_or_else(crate::nobody);
                posting(account, &format!("k{key}"), commands.iter().map(|ask| command(ask, now)).collect())
            }
            Request::Again(place) if !sent.is_empty() => sent[place % sent.len()].clone(),
            Request::Again(_) => continue,
        };
        sent.push(posting.clone());
        batch.push(posting);
    }
    batch
}

/// 1,024 grants of the largest amount: 1,024 credits more, and the balance would not fit.
pub(crate) fn a_flood(later: bool) -> Posting {
    let drop_by_drop = (0..1024).map(|number| {
        let start = later.then_some(9);
        let fact = BusinessKey::from_stored(format!("flood {number}"));
        let ask =
            Ask::Give { amount: MAX, priority: 0, source: Source::Promo, begin: start, end: None, fact: 0 };
        match command(&ask, begin()) {
            Command::Grant(grant) => Command::Grant(GrantCredits { business_key: fact, ..grant }),
            other => other,
        }
    });
    posting(accounts()[0], "flood", drop_by_drop.collect())
}

fn posting(account: AccountId, key: &str, commands: Vec<Command>) -> Posting {
    Posting {
        account,
        key: PostingKey::of_request(&RequestKey::parse(key).unwrap()),
        fingerprint: Fingerprint::of([format!("{commands:?}").as_bytes()]),
        actor: Actor::User,
        commands,
    }
}

fn command(ask: &Ask, now: Timestamp) -> Command {
    match ask {
        Ask::Give { amount, priority, source, begin, end, fact } => Command::Grant(GrantCredits {
            priority: *priority,
            effective_at: begin.map(|seconds| now.plus_seconds(seconds)),
            expires_at: end.map(|seconds| now.plus_seconds(seconds)),
            ..GrantCredits::new(
                Credits::new(*amount),
                *source,
                BusinessKey::from_stored(format!("fact {fact}")),
                String::new(),
            )
        }),
        Ask::Take { amount } => Command::Spend(SpendCredits::new(
            Credits::new(*amount),
            EntryType::Spend(SpendType::default()),
            String::new(),
        )),
    }
}
