//! Running a case on a database of its own.

use std::sync::Arc;

use billing_store::SqlStore;
use billing_store::testing::TestDatabase;
use billing_testkit::SequentialIds;
use billing_testkit::contract::Case;

/// Runs `case` on a SQLite file of its own.
pub(crate) async fn on_sqlite(case: Case) {
    run(TestDatabase::sqlite().await, case).await;
}

/// Runs `case` on a Postgres database of its own.
pub(crate) async fn on_postgres(case: Case) {
    run(TestDatabase::postgres().await, case).await;
}

/// The database goes away also where the case fails.
async fn run(database: TestDatabase, case: Case) {
    let store = SqlStore::connect(database.url(), 16, Arc::new(SequentialIds::default())).await.unwrap();
    let outcome = tokio::spawn(case(Arc::new(store.clone()))).await;
    store.close().await;
    database.remove().await;
    if let Err(failure) = outcome {
        std::panic::resume_unwind(failure.into_panic());
    }
}
