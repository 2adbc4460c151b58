//! Running a case through the writer, on a database of its own.

use std::sync::Arc;

use billing_batch::{BatchConfig, Batched, GatheredReads, ReadConfig};
use billing_core::ports::BalanceReads;
use billing_store::SqlStore;
use billing_store::testing::TestDatabase;
use billing_testkit::contract::Case;
use billing_testkit::{Decorated, MemoryStore, SequentialIds, Stores};

/// Runs `case` in memory, through three writers.
pub(crate) async fn in_memory(case: Case) {
    let batched = writers(Arc::new(MemoryStore::new()), 3);
    case(Arc::new(batched)).await;
}

/// Runs `case` on a SQLite file of its own, through one writer.
pub(crate) async fn on_sqlite(case: Case) {
    run(TestDatabase::sqlite().await, 1, case).await;
}

/// Runs `case` on a Postgres database of its own, through four writers.
pub(crate) async fn on_postgres(case: Case) {
    run(TestDatabase::postgres().await, 4, case).await;
}

pub(crate) fn writers(store: Arc<dyn Stores>, writers: usize) -> Decorated {
    let config = BatchConfig { writers, per_writer: 1, ..BatchConfig::default() };
    let balances: Arc<dyn BalanceReads> = store.clone();
    let balances = Arc::new(GatheredReads::start(&balances, ReadConfig::default()));
    Decorated { ledger: Arc::new(Batched::start(store.clone(), config)), balances, store }
}

/// The database goes away also where the case fails.
async fn run(database: TestDatabase, number: usize, case: Case) {
    let store = SqlStore::connect(database.url(), 16, Arc::new(SequentialIds::default())).await.unwrap();
    let outcome = tokio::spawn(case(Arc::new(writers(Arc::new(store.clone()), number)))).await;
    store.close().await;
    database.remove().await;
    if let Err(failure) = outcome {
        std::panic::resume_unwind(failure.into_panic());
    }
}
