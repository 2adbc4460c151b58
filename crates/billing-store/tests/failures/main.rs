//! What becomes of work when the database, or who asks it, is in trouble.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

mod full;
mod locked;
mod moved;
mod silent;
mod world;

use std::sync::Arc;

use billing_core::payments::{Channel, Fact};
use billing_core::ports::{AccountRef, BillingReads, Inbox};
use billing_core::webhooks::InboxState;
use billing_core::{Billing, Job};
use billing_store::SqlStore;
use billing_store::testing::TestDatabase;
use billing_testkit::builders::{a_spend_request, an_adjustment, an_external_id, noon};
use billing_testkit::{ManualClock, ScriptedProvider, SequentialIds};
use sea_orm::{ConnectionTrait, Database};

async fn open(database: &TestDatabase) -> (SqlStore, Billing) {
    let store = SqlStore::connect(database.url(), 4, Arc::new(SequentialIds::new())).await.unwrap();
    let clock = Arc::new(ManualClock::at(noon()));
    let ids = Arc::new(SequentialIds::starting_at(1 << 40));
    let billing = Billing::builder(Arc::new(store.clone()), clock, ids).build();
    (store, billing)
}

/// A web server's workers have a runtime each, and stop one by one. What one of them used must not die
/// with it.
#[tokio::test(flavor = "multi_thread")]
async fn a_runtime_that_ends_takes_no_connection_with_it() {
    let database = TestDatabase::postgres().await;
    let (store, billing) = open(&database).await;
    billing.adjust(an_adjustment("ada", 100, "first")).await.unwrap();
    // So many at once that the pool has to grow, and grows on their runtimes.
    let workers = (0..4).map(|_| {
        let store = store.clone();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            let ada = an_external_id("ada");
            for _ in 0..20 {
                let reads = (0..8).map(|_| store.account(AccountRef::External(&ada)));
                let found = runtime.block_on(futures_util::future::join_all(reads));
                assert!(found.into_iter().all(|found| found.unwrap().is_some()));
            }
        })
    });
    for worker in workers.collect::<Vec<_>>() {
        worker.join().unwrap();
    }
    let spends = (0..16).map(|number| billing.spend(a_spend_request("ada", 1, &format!("spend-{number}"))));
    for spent in futures_util::future::join_all(spends.collect::<Vec<_>>()).await {
        spent.unwrap();
    }
    store.close().await;
    database.remove().await;
}

/// What a distributed Postgres (40003) or a pooler (08006, 08007) answers to a COMMIT whose fate it does
/// not know.
#[tokio::test(flavor = "multi_thread")]
async fn a_commit_of_unknown_fate_is_not_called_undone() {
    let database = TestDatabase::postgres().await;
    let (store, billing) = open(&database).await;
    billing.adjust(an_adjustment("ada", 100, "first")).await.unwrap();
    let other = Database::connect(database.url()).await.unwrap();
    for code in ["40003", "08006", "08007"] {
        let function = format!(
            "CREATE OR REPLACE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN RAISE EXCEPTION 'nobody knows' USING ERRCODE = '{code}'; END $$"
        );
        other.execute_unprepared(&function).await.unwrap();
        other.execute_unprepared("DROP TRIGGER IF EXISTS at_commit ON entries").await.unwrap();
        let trigger = "CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON entries \
                       DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION fail()";
        other.execute_unprepared(trigger).await.unwrap();
        let failed = billing.spend(a_spend_request("ada", 1, code)).await.unwrap_err();
        assert_eq!(failed.code(), "outcome_unknown", "{code}");
    }
    other.close().await.unwrap();
    store.close().await;
    database.remove().await;
}

/// Postgres keeps no NUL in a text, and an adapter's problem may quote one.
#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_cannot_be_read_holds_nobody_up() {
    for database in [TestDatabase::sqlite().await, TestDatabase::postgres().await] {
        let store = SqlStore::connect(database.url(), 4, Arc::new(SequentialIds::new())).await.unwrap();
        let clock = Arc::new(ManualClock::at(noon()));
        let provider = Arc::new(ScriptedProvider::new(Channel::named("stripe")));
        let ids = Arc::new(SequentialIds::starting_at(1 << 40));
        let billing =
            Billing::builder(Arc::new(store.clone()), clock.clone(), ids).provider(provider.clone()).build();
        let odd = provider.malformed_event("evt_odd", "data.object.currency: `\0` is none");
        let good = provider.event("evt_good", Fact::Ignored("nothing of ours"));
        for event in [odd, good] {
            billing.receive_webhook(Channel::named("stripe"), &event.headers, &event.body).await.unwrap();
            clock.advance(1);
        }
        let report = billing.run_due(Job::Inbox).await.unwrap();
        assert_eq!((report.done, report.failed, report.unrecorded), (1, 1, 0));
        let kept = store.event(Channel::named("stripe"), "evt_odd").await.unwrap().unwrap();
        assert_eq!(kept.state, InboxState::Failed);
        assert!(kept.note.unwrap().contains("data.object.currency"));
        store.close().await;
        database.remove().await;
    }
}

/// A row that somebody wrote nonsense into fails alone, also where it makes the statement fail that takes many.
#[tokio::test(flavor = "multi_thread")]
async fn an_event_whose_row_is_nonsense_holds_nobody_up() {
    for spoil in [
        format!("attempts = {}", i64::MAX),
        format!("attempts = {}", i64::MIN),
        "channel = 'nonsense'".to_owned(),
        "state = 'nonsense'".to_owned(),
        format!("received_at = {}", i64::MAX),
        // Only SQLite takes it.
        "id = X'00'".to_owned(),
    ] {
        for database in [TestDatabase::sqlite().await, TestDatabase::postgres().await] {
            let store = SqlStore::connect(database.url(), 4, Arc::new(SequentialIds::new())).await.unwrap();
            let clock = Arc::new(ManualClock::at(noon()));
            let provider = Arc::new(ScriptedProvider::new(Channel::named("stripe")));
            let ids = Arc::new(SequentialIds::starting_at(1 << 40));
            let billing = Billing::builder(Arc::new(store.clone()), clock.clone(), ids)
                .provider(provider.clone())
                .build();
            for name in ["evt_odd", "evt_good"] {
                let event = provider.event(name, Fact::Ignored("nothing of ours"));
                billing.receive_webhook(Channel::named("stripe"), &event.headers, &event.body).await.unwrap();
            }
            let set = format!("UPDATE webhook_inbox SET {spoil} WHERE event_id = 'evt_odd'");
            if spoil.starts_with("id") && database.url().starts_with("postgres") {
                store.close().await;
                database.remove().await;
                continue;
            }
            database.execute(&set).await;
            billing.run_due(Job::Inbox).await.unwrap();
            let good = store.event(Channel::named("stripe"), "evt_good").await.unwrap().unwrap();
            assert_eq!(good.state, InboxState::Ignored, "{spoil}");
            store.close().await;
            database.remove().await;
        }
    }
}
