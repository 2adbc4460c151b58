//! What every read of the store costs a database with 100,000 rows in each table: no more than what it answers.
//!
//! The statements are those that the store sends; the databases themselves tell how they carry them out. A read of a
//! port that has no case here fails `every_read_has_a_case`.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

mod budget;
mod cases;
mod ports;
mod seed;

use std::sync::Arc;

use billing_store::SqlStore;
use billing_store::testing::TestDatabase;
use billing_testkit::SequentialIds;

use budget::Budget;

#[tokio::test]
async fn on_sqlite_a_read_costs_what_it_answers() {
    check(TestDatabase::sqlite().await, false).await;
}

#[tokio::test]
async fn on_postgres_a_read_costs_what_it_answers() {
    check(TestDatabase::postgres().await, true).await;
}

/// The database goes away also where a case fails.
async fn check(database: TestDatabase, postgres: bool) {
    seed::fill(&database, postgres).await;
    let store = SqlStore::connect(database.url(), 4, Arc::new(SequentialIds::default())).await.unwrap();
    let outcome = tokio::spawn(async move {
        let (store, recorder) = store.recorded();
        let mut budget = Budget::new(store.clone(), recorder);
        cases::run(&store, &mut budget).await;
        cases::short_pages_lead_to_all(&store).await;
        store.close().await;
        budget
    })
    .await;
    database.remove().await;
    match outcome {
        Ok(budget) => budget.settle(),
        Err(failure) => std::panic::resume_unwind(failure.into_panic()),
    }
}

#[test]
fn every_read_has_a_case() {
    let missing = ports::reads_without_a_case();
    assert!(missing.is_empty(), "no case says what these cost: {missing:?}");
}
