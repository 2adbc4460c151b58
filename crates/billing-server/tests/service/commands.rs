//! The commands beside `serve`.

use billing_store::testing::TestDatabase;

use crate::client::Backend;
use crate::process::{Setup, cleaning_up, on_both};

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_made_rotated_and_revoked() {
    on_both(async |setup: Setup| {
        let made = setup.run(&[
            "keys",
            "create",
            "--name",
            "partner",
            "--scope",
            "billing:read",
            "--account",
            "alice",
        ]);
        let (key, id) = key_and_id(&String::from_utf8(made.stdout).unwrap());
        // With no memory a revocation takes effect at once.
        let setup = setup.with("BILLING_KEY_MEMORY_SECONDS", "0");
        let service = setup.start();
        let http = Backend::of(&service).http;
        let balance = format!("{}/api/external/v2/billing/credits/balance", service.url);
        let status =
            async |key: &str| http.get(&balance).bearer_auth(key).send().await.unwrap().status().as_u16();
        assert_eq!(status(&key).await, 200);

        let rotated = setup.run(&["keys", "rotate", &id]);
        let (new_key, new_id) = key_and_id(&String::from_utf8(rotated.stdout).unwrap());
        assert_eq!((status(&key).await, status(&new_key).await), (200, 200));

        assert!(setup.run(&["keys", "revoke", &id]).status.success());
        assert_eq!((status(&key).await, status(&new_key).await), (401, 200));
        let listed = String::from_utf8(setup.run(&["keys", "list"]).stdout).unwrap();
        assert!(listed.contains(&id) && listed.contains("revoked") && listed.contains(&new_id));
        assert!(!listed.contains(&key) && !listed.contains(&new_key));
        assert!(!setup.run(&["keys", "revoke", "key_00000000000000000000000000000000"]).status.success());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_tells_good_from_wrong() {
    on_both(async |setup: Setup| {
        assert!(setup.run(&["migrate"]).status.success());
        let well = setup.run(&["doctor"]);
        let said = String::from_utf8(well.stdout).unwrap();
        assert!(well.status.success(), "{said}");
        assert!(
            said.contains("ok     the database answers") && said.contains("warn   the sandbox is on"),
            "{said}"
        );
        let ill = setup.with("BILLING_STRIPE__SECRET_KEY", "sk_test_1").run(&["doctor"]);
        assert!(!ill.status.success());
        assert!(String::from_utf8(ill.stdout).unwrap().contains("FAIL   settings"));
    })
    .await;
    let nowhere = Setup::bare().with("BILLING_DATABASE_URL", "sqlite://nowhere/billing.db");
    let ill = nowhere.run(&["doctor"]);
    assert!(!ill.status.success());
    assert!(String::from_utf8(ill.stdout).unwrap().contains("FAIL   database"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_sees_a_schema_that_was_changed_by_hand() {
    for database in [TestDatabase::sqlite().await, TestDatabase::postgres().await] {
        cleaning_up(database, async |database| {
            let setup = Setup::on(database);
            for change in [
                "DROP INDEX orders_account",
                "CREATE INDEX by_hand ON orders (description)",
                "ALTER TABLE plans ADD COLUMN colour text",
                "ALTER TABLE gifts DROP COLUMN message",
            ] {
                database.execute(change).await;
            }
            let ill = setup.run(&["doctor"]);
            let said = String::from_utf8(ill.stdout).unwrap();
            assert!(!ill.status.success(), "{said}");
            for problem in [
                "index orders_account (account_id, id) of orders is missing",
                "index by_hand (description) of orders was made by no migration",
                "column colour text of plans was made by no migration",
                "column message text of gifts is missing",
            ] {
                assert!(said.contains(&format!("FAIL   schema: {problem}")), "{problem}: {said}");
            }
            assert_eq!(said.matches("FAIL").count(), 4, "{said}");

            database.execute("UPDATE migration_checksums SET name = 'another'").await;
            let said = String::from_utf8(setup.run(&["doctor"]).stdout).unwrap();
            assert!(
                said.contains("FAIL   schema: migration m0001_first was applied without a checksum"),
                "{said}"
            );
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn several_processes_may_start_at_once_on_one_empty_database() {
    let database = TestDatabase::empty_postgres().await;
    let setup = Setup::on(&database);
    let services = std::thread::scope(|scope| {
        let starts: Vec<_> = (0..3).map(|_| scope.spawn(|| setup.start())).collect();
        starts.into_iter().map(|start| start.join().unwrap()).collect::<Vec<_>>()
    });
    for service in &services {
        let packs = Backend::of(service).get("/credits/packs").await;
        assert_eq!(packs.body["data"].as_array().unwrap().len(), 2);
    }
    drop(services);
    database.remove().await;
}

#[test]
fn the_description_can_be_had_without_a_database() {
    let setup = Setup::bare();
    let printed = setup.run(&["openapi"]).stdout;
    let document: serde_json::Value = serde_json::from_slice(&printed).unwrap();
    assert!(document["paths"]["/credits/consume"]["post"].is_object());
    assert!(!setup.default_database().exists());
}

fn key_and_id(said: &str) -> (String, String) {
    let key = said.lines().next().unwrap().to_owned();
    let id = said.lines().find_map(|line| line.strip_prefix("id")).unwrap().trim().to_owned();
    (key, id)
}
