//! A small ledger in memory that waits, fails and forgets as it is told.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use billing_batch::{BatchConfig, Batched};
use billing_core::ledger::{
    Actor, Charge, Command, EntryType, GrantCredits, Outcome, Posted, Posting, Refusal, Source, SpendCredits,
    SpendType,
};
use billing_core::ports::{LedgerStore, StoreError};
use billing_core::values::{AccountId, BusinessKey, Credits, Fingerprint, PostingKey, Timestamp};
use tokio::sync::Semaphore;
use uuid::Uuid;

/// What the next commit does instead of going well.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    /// Nothing is done.
    Fail(StoreError),
    /// All is done, and the answer is lost.
    LoseAnswer,
    /// Nothing is done, and the answer is lost.
    LoseCommit,
    /// Nothing is done.
    Panic,
    /// All is done but the last posting has no outcome.
    Miscount,
    /// Nothing is done, and no answer comes.
    Hang,
}

/// The store behind the writer.
#[derive(Default)]
pub(crate) struct Scripted {
    book: Mutex<Book>,
    script: Mutex<VecDeque<Act>>,
    /// Keys that no transaction can hold, and whether it panics on them.
    poison: Mutex<BTreeMap<PostingKey, bool>>,
    /// Accounts whose rows another transaction keeps locked, and whether the store can tell which they are.
    locked: Mutex<BTreeMap<AccountId, bool>>,
    log: Mutex<Vec<Vec<String>>>,
    nows: Mutex<Vec<Timestamp>>,
    /// One permit for each commit that has begun.
    begun: Option<Semaphore>,
    /// One permit for each commit that may end; none where all may.
    gate: Option<Semaphore>,
}

#[derive(Default)]
struct Book {
    balances: BTreeMap<AccountId, i64>,
    recorded: BTreeMap<(AccountId, PostingKey), Posted>,
}

impl Scripted {
    /// Every commit goes through at once.
    pub(crate) fn open() -> Arc<Self> {
        Arc::new(Self::default())
    }

    /// Every commit waits until [`let_through`](Self::let_through) lets it end.
    pub(crate) fn gated() -> Arc<Self> {
        Arc::new(Self { begun: Some(Semaphore::new(0)), gate: Some(Semaphore::new(0)), ..Self::default() })
    }

    pub(crate) fn then(&self, act: Act) {
        self.script.lock().unwrap().push_back(act);
    }

    pub(crate) fn poison(&self, key: &str, panics: bool) {
        self.poison.lock().unwrap().insert(key_of(key), panics);
    }

    /// Locks `account` for everybody; `named` says whether a failing batch is told that it is this one.
    pub(crate) fn lock(&self, account: AccountId, named: bool) {
        self.locked.lock().unwrap().insert(account, named);
    }

    pub(crate) fn unlock(&self, account: AccountId) {
        self.locked.lock().unwrap().remove(&account);
    }

    /// Waits until a commit has begun that nobody has waited for.
    pub(crate) async fn has_begun(&self) {
        self.begun.as_ref().unwrap().acquire().await.unwrap().forget();
    }

    pub(crate) fn let_through(&self, commits: usize) {
        self.gate.as_ref().unwrap().add_permits(commits);
    }

    /// The keys of every try, in order.
    pub(crate) fn log(&self) -> Vec<Vec<String>> {
        self.log.lock().unwrap().clone()
    }

    /// How many postings each try had.
    pub(crate) fn sizes(&self) -> Vec<usize> {
        self.log().iter().map(Vec::len).collect()
    }

    pub(crate) fn nows(&self) -> Vec<Timestamp> {
        self.nows.lock().unwrap().clone()
    }

    pub(crate) fn balance(&self, account: AccountId) -> i64 {
        self.book.lock().unwrap().balances.get(&account).copied().unwrap_or_default()
    }

    /// Which keys are recorded.
    pub(crate) fn recorded(&self) -> BTreeSet<String> {
        self.book.lock().unwrap().recorded.keys().map(|(_, key)| name_of(key)).collect()
    }
}

#[async_trait]
impl LedgerStore for Scripted {
    async fn post(&self, batch: Vec<Posting>, now: Timestamp) -> Result<Vec<Outcome>, StoreError> {
        self.log.lock().unwrap().push(batch.iter().map(|posting| name_of(&posting.key)).collect());
        self.nows.lock().unwrap().push(now);
        if let (Some(begun), Some(gate)) = (&self.begun, &self.gate) {
            begun.add_permits(1);
            gate.acquire().await.unwrap().forget();
        }
        let act = self.script.lock().unwrap().pop_front();
        match act {
            Some(Act::Fail(error)) => return Err(error),
            Some(Act::LoseCommit) => return Err(unknown()),
            Some(Act::Panic) => panic!("told to"),
            Some(Act::Hang) => std::future::pending::<()>().await,
            Some(Act::LoseAnswer | Act::Miscount) | None => {}
        }
        let locked = self.locked.lock().unwrap().clone();
        let mut hit = batch.iter().filter_map(|posting| locked.get_key_value(&posting.account)).peekable();
        if hit.peek().is_some() {
            let named = hit.filter(|(_, named)| **named).map(|(account, _)| *account);
            return Err(StoreError::LockTimeout { accounts: named.collect() });
        }
        let poison = self.poison.lock().unwrap().clone();
        if let Some(panics) = batch.iter().find_map(|posting| poison.get(&posting.key)) {
            assert!(!panics, "poisoned");
            return Err(StoreError::Unexpected(Arc::new(std::io::Error::other("poisoned"))));
        }
        let mut outcomes = self.book.lock().unwrap().post(&batch);
        match act {
            Some(Act::LoseAnswer) => return Err(unknown()),
            Some(Act::Miscount) => drop(outcomes.pop()),
            _ => {}
        }
        Ok(outcomes)
    }
}

impl Book {
    fn post(&mut self, batch: &[Posting]) -> Vec<Outcome> {
        batch.iter().map(|posting| self.post_one(posting)).collect()
    }

    fn post_one(&mut self, posting: &Posting) -> Outcome {
        let place = (posting.account, posting.key.clone());
        if let Some(recorded) = self.recorded.get(&place) {
            return Ok(Posted { replayed: true, ..recorded.clone() });
        }
        let balance = self.balances.entry(posting.account).or_default();
        let mut after = *balance;
        for command in &posting.commands {
            after += match command {
                Command::Grant(grant) => grant.amount.get(),
                Command::Spend(spend) => match spend.charge {
                    Charge::Credits(amount) => -amount.get(),
                    Charge::Usage(_) => 0,
                },
                _ => 0,
            };
            if after < 0 {
                let available = Credits::new(*balance);
                return Err(Refusal::InsufficientCredits {
                    required: available,
                    available,
                    held: Credits::ZERO,
                });
            }
        }
        *balance = after;
        let posted = Posted {
            account: posting.account,
            entries: Vec::new(),
            usages: Vec::new(),
            grants: Vec::new(),
            holds: Vec::new(),
            available: Credits::new(after),
            replayed: false,
        };
        self.recorded.insert(place, posted.clone());
        Ok(posted)
    }
}

/// One writer before `store`.
pub(crate) fn one_writer(store: &Arc<Scripted>) -> Arc<Batched> {
    with(store, BatchConfig { writers: 1, ..BatchConfig::default() })
}

/// Without a writer of its own for what takes locks: the scripted store takes none.
pub(crate) fn with(store: &Arc<Scripted>, config: BatchConfig) -> Arc<Batched> {
    start(store, BatchConfig { locking_writer: false, ..config })
}

pub(crate) fn start(store: &Arc<Scripted>, config: BatchConfig) -> Arc<Batched> {
    // Time stands still here until nobody can go on without it, and then leaps to the next limit.
    let never = Duration::from_hours(1);
    Arc::new(Batched::start(
        store.clone(),
        BatchConfig { stuck_after: never, answer_within: never, ..config },
    ))
}

/// Posts from a task of its own, which has put it into the queue when this returns.
pub(crate) async fn post_soon(
    batched: &Arc<Batched>,
    batch: Vec<Posting>,
) -> tokio::task::JoinHandle<Result<Vec<Outcome>, StoreError>> {
    let batched = batched.clone();
    let waiting = tokio::spawn(async move { batched.post(batch, now(0)).await });
    // On one thread a task that was spawned runs up to where it waits, before this goes on.
    tokio::task::yield_now().await;
    waiting
}

/// What could be spent after each posting; a refusal is -1.
pub(crate) fn after(outcomes: &[Outcome]) -> Vec<i64> {
    outcomes.iter().map(|outcome| outcome.as_ref().map_or(-1, |posted| posted.available.get())).collect()
}

pub(crate) fn account(number: u128) -> AccountId {
    AccountId::from_uuid(Uuid::from_u128(number))
}

pub(crate) fn now(seconds: i64) -> Timestamp {
    Timestamp::EPOCH.plus_seconds(seconds)
}

pub(crate) fn unknown() -> StoreError {
    StoreError::OutcomeUnknown(Arc::new(std::io::Error::other("the line was cut")))
}

pub(crate) fn give(account: AccountId, key: &str, amount: i64) -> Posting {
    let fact = BusinessKey::from_stored(key.to_owned());
    let give = GrantCredits::new(Credits::new(amount), Source::Manual, fact, String::new());
    posting(account, key, Command::Grant(give))
}

pub(crate) fn take(account: AccountId, key: &str, amount: i64) -> Posting {
    let kind = EntryType::Spend(SpendType::default());
    let take = SpendCredits::new(Credits::new(amount), kind, String::new());
    posting(account, key, Command::Spend(take))
}

fn posting(account: AccountId, key: &str, command: Command) -> Posting {
    Posting {
        account,
        key: key_of(key),
        fingerprint: Fingerprint::of([key.as_bytes()]),
        actor: Actor::Operator("test".to_owned()),
        commands: vec![command],
    }
}

fn key_of(name: &str) -> PostingKey {
    PostingKey::from_stored(name.to_owned())
}

fn name_of(key: &PostingKey) -> String {
    key.as_str().to_owned()
}
