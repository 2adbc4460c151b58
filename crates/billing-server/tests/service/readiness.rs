//! `/readyz` tells the truth about the database, and in time.

use std::time::{Duration, Instant};

use billing_store::testing::TestDatabase;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::client::{Answer, Backend, answer};
use crate::process::{Setup, cleaning_up, on_both};

/// Within which an answer has to be there. A busy machine may be slower than the service.
const BOUND: Duration = Duration::from_secs(5);

async fn ready(backend: &Backend) -> Answer {
    let begun = Instant::now();
    let answer = backend.get("/readyz").await;
    assert!(begun.elapsed() < BOUND, "{:?}", begun.elapsed());
    answer
}

async fn until_ready_is(backend: &Backend, field: &str, value: bool) -> Value {
    let found = async |backend: &Backend| Some(ready(backend).await.body).filter(|body| body[field] == value);
    backend.until(found).await
}

#[tokio::test(flavor = "multi_thread")]
async fn many_probers_at_once_all_hear_that_the_service_is_ready() {
    on_both(async |setup: Setup| {
        let service = setup.start();
        let backend = Backend::of(&service);
        let mut probers = JoinSet::new();
        for _ in 0..100 {
            let backend = backend.clone();
            probers
                .spawn(async move { answer(backend.request(Method::GET, "/readyz")).await.unwrap().status });
        }
        assert_eq!(probers.join_all().await, [200; 100]);
        assert!(service.stop());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_takes_no_write_is_told_of_and_the_service_recovers() {
    cleaning_up(TestDatabase::postgres().await, async |database| {
        let service = Setup::on(database).start();
        let backend = Backend::of(&service);
        assert_eq!(ready(&backend).await.status, 200);
        // Somebody holds what every write of a probe needs.
        let hold = "BEGIN; LOCK TABLE leases IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(600); COMMIT";
        let free = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                    WHERE datname = current_database() AND query LIKE '%pg_sleep(600)%' AND pid <> pg_backend_pid()";
        let look = until_ready_is(&backend, "ready", false);
        let red = tokio::select! {
            () = database.execute(hold) => panic!("the lock was given back"),
            red = look => red,
        };
        assert_eq!((&red["background"], &red["draining"]), (&json!(true), &json!(false)), "{red}");
        assert_eq!(ready(&backend).await.status, 503);
        database.execute(free).await;
        until_ready_is(&backend, "ready", true).await;
        assert!(service.stop());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_that_the_service_does_not_know_is_told_of() {
    for database in [TestDatabase::sqlite().await, TestDatabase::postgres().await] {
        cleaning_up(database, async |database| {
            let service = Setup::on(database).start();
            let backend = Backend::of(&service);
            database
                .execute("INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9999_later', 0)")
                .await;
            let red = until_ready_is(&backend, "migrations", false).await;
            assert_eq!((&red["ready"], &red["database"]), (&json!(false), &json!(true)), "{red}");
            assert!(service.stop());
        })
        .await;
    }
}
