//! The laws of metered usage, on every store.
//!
//! Random stories of metered spends, holds for usage, captures in parts, lapses, overruns and returns are told to the store
//! under test and to the memory store beside it. Both have to answer every request the same. What the requests were answered is
//! kept in books of the test's own, with prices that it works out itself, and the laws are checked on those:
//!
//! - For each account and meter, the price of all accepted usage less what was returned is what was taken, what was left
//!   uncovered, what is carried and what open holds have captured below one credit. It is rounded once, not per request.
//! - Nothing is charged or given back twice: a repeated request changes nothing and is answered the same, a hold that ended takes
//!   no capture, and no more of a usage is returned than its price.
//! - What a hold was placed for can be captured from it, and it is charged what its captures cost together.
//! - A check of the whole history finds nothing, and neither does one that goes on from the last.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

mod answers;
mod books;
mod meters;
mod requests;
mod side;
mod story;

use std::sync::Arc;

use billing_store::SqlStore;
use billing_store::testing::TestDatabase;
use billing_testkit::{MemoryStore, SequentialIds, Stores};
use proptest::test_runner::{Config, TestError, TestRunner, contextualize_config};
use tokio::runtime::Runtime;

use story::Story;

/// How often a story that breaks a law is made shorter.
const SHRINKS: u32 = 2_000;

/// Tells `cases` stories, or as many as `PROPTEST_CASES` says; all to the same stores, each of accounts of its own.
fn tell(runtime: &Runtime, cases: u32, stores: &[Arc<dyn Stores>]) -> Result<(), String> {
    let config = Config { cases, max_shrink_iters: SHRINKS, failure_persistence: None, ..Config::default() };
    let ids = SequentialIds::starting_at(1 << 48);
    let result = TestRunner::new(contextualize_config(config)).run(&requests::stories(), |steps| {
        runtime.block_on(async { Story::begin(stores, &ids).await.tell(&steps).await });
        Ok(())
    });
    result.map_err(|error| match error {
        TestError::Abort(reason) => format!("no story was told: {reason}"),
        TestError::Fail(reason, steps) => format!("{reason}\nthe story: {steps:#?}"),
    })
}

fn on(runtime: &Runtime, cases: u32, database: &TestDatabase) -> Result<(), String> {
    let store =
        runtime.block_on(SqlStore::connect(database.url(), 4, Arc::new(SequentialIds::new()))).unwrap();
    let told = tell(runtime, cases, &[memory(), Arc::new(store.clone())]);
    runtime.block_on(store.close());
    told
}

fn memory() -> Arc<dyn Stores> {
    Arc::new(MemoryStore::new())
}

#[test]
fn usage_is_charged_once_in_memory() {
    tell(&Runtime::new().unwrap(), 128, &[memory()]).unwrap();
}

#[test]
fn usage_is_charged_once_on_sqlite_as_in_memory() {
    let runtime = Runtime::new().unwrap();
    let database = runtime.block_on(TestDatabase::sqlite());
    let told = on(&runtime, 12, &database);
    runtime.block_on(database.remove());
    told.unwrap();
}

#[test]
fn usage_is_charged_once_on_postgres_as_in_memory() {
    let runtime = Runtime::new().unwrap();
    let database = runtime.block_on(TestDatabase::postgres());
    let told = on(&runtime, 12, &database);
    runtime.block_on(database.remove());
    told.unwrap();
}
