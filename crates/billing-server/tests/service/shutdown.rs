//! The service tells that it stops before it does, and stops whatever hangs.

use billing_store::testing::TestDatabase;
use serde_json::json;

use crate::client::Backend;
use crate::process::{Setup, cleaning_up, on_both};

#[tokio::test(flavor = "multi_thread")]
async fn readiness_turns_red_while_requests_are_still_taken() {
    on_both(async |setup: Setup| {
        let service = setup.with("BILLING_SHUTDOWN_DELAY", "6").start();
        let backend = Backend::of(&service);
        backend.give("ada", 10).await;
        service.ask_to_stop();
        let red = backend
            .until(async |backend| {
                let answer = backend.get("/readyz").await;
                (answer.status == 503).then_some(answer)
            })
            .await;
        assert_eq!((&red.body["draining"], &red.body["database"]), (&json!(true), &json!(true)));
        assert_eq!(backend.spend("ada", 1, "late").await.unwrap().status, 200);
        assert!(service.ended());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_whose_database_hangs_stops_all_the_same() {
    cleaning_up(TestDatabase::postgres().await, async |database| {
        let service = Setup::on(database).start();
        let backend = Backend::of(&service);
        backend.give("ada", 10).await;
        let hold = "BEGIN; LOCK TABLE leases, balances, webhook_inbox IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(600); \
                    COMMIT";
        let hangs = async {
            backend.until(async |backend| (backend.get("/readyz").await.status == 503).then_some(())).await;
            service.ask_to_stop();
            tokio::task::spawn_blocking(move || service.ended()).await.unwrap()
        };
        let ended_well = tokio::select! {
            () = database.execute(hold) => panic!("the lock was given back"),
            ended_well = hangs => ended_well,
        };
        assert!(ended_well, "every step has a bound");
    })
    .await;
}
