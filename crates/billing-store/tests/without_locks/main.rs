//! On Postgres a batch of plain spends is decided on what a look without locks showed, or on what this process wrote
//! last. What others did in the meantime is seen all the same.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

mod account_cache;
mod in_between;

use std::sync::Arc;

use billing_core::changes::Changes;
use billing_core::ports::{BillingStore, LedgerStore};
use billing_core::values::AccountId;
use billing_store::SqlStore;
use billing_store::testing::TestDatabase;
use billing_testkit::SequentialIds;
use billing_testkit::builders::{a_grant, an_account, noon};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement};

/// Asked so often whether somebody waits; every time the server itself lets ten milliseconds pass.
const LOOKS: usize = 6000;

/// A process of the service. Its ids begin at `first`.
async fn a_process(database: &TestDatabase, first: u64) -> SqlStore {
    SqlStore::connect(database.url(), 8, Arc::new(SequentialIds::starting_at(first))).await.unwrap()
}

/// One connection behind the service's back.
async fn other(database: &TestDatabase) -> DatabaseConnection {
    let mut options = ConnectOptions::new(database.url());
    options.max_connections(1);
    Database::connect(options).await.unwrap()
}

/// Returns once somebody waits for what another has locked, with what they want to do.
async fn somebody_waits(observer: &DatabaseConnection) -> String {
    const WAITING: &str = "SELECT max(query) AS query FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let ask = async |sql| {
        let ask = Statement::from_string(DbBackend::Postgres, sql);
        observer.query_one_raw(ask).await.unwrap().unwrap()
    };
    for _ in 0..LOOKS {
        if let Some(query) = ask(WAITING).await.try_get("", "query").unwrap() {
            return query;
        }
        ask("SELECT pg_sleep(0.01)").await;
    }
    panic!("nobody waits")
}

/// Returns once so many wait for what others have locked.
async fn all_wait(observer: &DatabaseConnection, how_many: i64) {
    const WAITING: &str = "SELECT count(*) AS waiting, pg_sleep(0.01) FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'";
    for _ in 0..LOOKS {
        let ask = Statement::from_string(DbBackend::Postgres, WAITING);
        let row = observer.query_one_raw(ask).await.unwrap().unwrap();
        if row.try_get::<i64>("", "waiting").unwrap() >= how_many {
            return;
        }
    }
    panic!("not all of them wait")
}

async fn fifty_credits(store: &SqlStore) -> AccountId {
    let account = an_account("ada", &SequentialIds::starting_at(1 << 48));
    let id = account.id;
    store.commit(Changes { accounts: vec![account], ..Changes::default() }, noon()).await.unwrap();
    store.post(vec![a_grant(id, "opening", 50)], noon()).await.unwrap();
    id
}
