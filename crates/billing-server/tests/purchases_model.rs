//! Random purchases on the databases: what holds of them in memory holds there.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

#[path = "../../billing-sandbox/tests/purchases_model/gifts.rs"]
mod gifts;
#[path = "../../billing-sandbox/tests/purchases_model/laws.rs"]
mod laws;
#[path = "../../billing-sandbox/tests/purchases_model/plans.rs"]
mod plans;
#[path = "../../billing-sandbox/tests/purchases_model/play.rs"]
mod play;
#[path = "../../billing-sandbox/tests/purchases_model/step.rs"]
mod step;
#[path = "../../billing-sandbox/tests/purchases_model/world.rs"]
mod world;

use std::sync::Arc;

use billing_store::SqlStore;
use billing_store::testing::TestDatabase;
use billing_testkit::SequentialIds;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

/// How many stories of each kind each database is told.
const STORIES: usize = 8;
const STEPS: usize = 50;

/// Stories that are the same in every run.
fn stories() -> Vec<Vec<step::Step>> {
    let mut runner = TestRunner::deterministic();
    let any = prop::collection::vec(step::step(), STEPS);
    let changing = step::changing();
    (0..STORIES)
        .flat_map(|_| {
            let any = any.new_tree(&mut runner).unwrap().current();
            [any, changing.new_tree(&mut runner).unwrap().current()]
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn credits_follow_the_money_on_sqlite() {
    for story in stories() {
        on(TestDatabase::sqlite().await, &story).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn credits_follow_the_money_on_postgres() {
    for story in stories() {
        on(TestDatabase::postgres().await, &story).await;
    }
}

async fn on(database: TestDatabase, steps: &[step::Step]) {
    let store = SqlStore::connect(database.url(), 4, Arc::new(SequentialIds::default())).await.unwrap();
    let (stores, told) = (Arc::new(store.clone()), steps.to_vec());
    let outcome = tokio::spawn(async move { play::play(stores, &told).await }).await;
    store.close().await;
    database.remove().await;
    if let Err(failure) = outcome {
        eprintln!("{steps:#?}");
        std::panic::resume_unwind(failure.into_panic());
    }
}
