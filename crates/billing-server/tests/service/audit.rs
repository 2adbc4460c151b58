//! Checking the ledger from outside: verify, the self-audit, proofs.

use billing_store::testing::TestDatabase;
use serde_json::{Value, json};

use crate::client::Backend;
use crate::process::{Setup, cleaning_up, on_both};

#[tokio::test(flavor = "multi_thread")]
async fn a_sound_ledger_is_told_from_a_changed_one() {
    for database in [TestDatabase::sqlite().await, TestDatabase::postgres().await] {
        cleaning_up(database, tell_apart).await;
    }
}

async fn tell_apart(database: &TestDatabase) {
    let setup = Setup::on(database);
    let service = setup.start();
    let backend = Backend::of(&service);
    backend.give("alice", 100).await;
    backend.give("bob", 100).await;
    for number in 0..5 {
        assert_eq!(backend.spend("alice", 3, &format!("s{number}")).await.unwrap().status, 200);
    }
    let report = backend.post("/admin/ledger/verify", json!({})).await.body["data"].clone();
    assert_eq!((&report["sound"], &report["accounts"]), (&json!(true), &json!(2)), "{report}");
    assert!(service.stop());
    let well = setup.run(&["ledger", "verify"]);
    assert!(well.status.success(), "{}", String::from_utf8_lossy(&well.stderr));
    assert!(String::from_utf8_lossy(&well.stdout).contains("everything holds: 2 accounts, 7 entries"));

    database.execute("UPDATE entries SET description = 'Gift' WHERE seq = 3").await;
    let ill = setup.run(&["ledger", "verify"]);
    assert_eq!(ill.status.code(), Some(1));
    let said = String::from_utf8_lossy(&ill.stderr).into_owned();
    assert!(said.contains("alice: entry 3 carries the hash"), "{said}");
    assert!(!setup.run(&["ledger", "verify", "--account", "alice"]).status.success());
    assert!(setup.run(&["ledger", "verify", "--account", "bob"]).status.success());

    let service = setup.start();
    let backend = Backend::of(&service);
    let report = backend.post("/admin/ledger/verify", json!({ "account_id": "alice" })).await;
    assert_eq!(report.body["data"]["sound"], json!(false), "{}", report.body);
    let refused = backend.spend("alice", 1, "frozen").await.unwrap();
    assert_eq!((refused.status, &refused.body["error"]["code"]), (409, &json!("account_frozen")));
    assert_eq!(backend.spend("bob", 1, "free").await.unwrap().status, 200);
    let thawed = backend.post("/admin/accounts/alice/unfreeze", json!({})).await;
    assert_eq!((thawed.status, &thawed.body["data"]["frozen"]), (200, &json!(false)));
    assert_eq!(backend.spend("alice", 1, "frozen").await.unwrap().status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_checks_itself_and_counts_what_it_does() {
    on_both(async |setup: Setup| {
        let service = setup.start();
        let backend = Backend::of(&service);
        backend.give("alice", 100).await;
        assert_eq!(backend.spend("alice", 3, "s").await.unwrap().status, 200);
        let metrics = backend
            .until(async |backend| {
                let text = backend.http.get(format!("{}/metrics", backend.url)).send().await.unwrap();
                let text = text.text().await.unwrap();
                text.contains("billing_ledger_audited_at").then_some(text)
            })
            .await;
        for line in ["billing_ledger_violations_total 0", "billing_ledger_postings_total 2"] {
            assert!(metrics.contains(line), "{line} in {metrics}");
        }
        assert!(metrics.contains("route=\"/credits/consume\""), "{metrics}");
        assert!(metrics.ends_with("# EOF\n"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kept_proof_shows_whether_history_was_rewritten() {
    on_both(async |setup: Setup| {
        let setup = setup.with("BILLING_LEDGER__CHECKPOINT_SECONDS", "1");
        let service = setup.start();
        let backend = Backend::of(&service);
        backend.give("alice", 100).await;
        backend.give("bob", 100).await;
        for number in 0..3 {
            assert_eq!(backend.spend("alice", 3, &format!("s{number}")).await.unwrap().status, 200);
        }
        let proof = backend
            .until(async |backend| {
                let answer = backend.get("/credits/proof?account_id=alice").await;
                (answer.body["data"]["seq"] == json!(4)).then_some(answer.body)
            })
            .await;
        let history = backend.get("/credits/proof/history?account_id=alice").await.body;
        let keep = |name: &str, value: &Value| {
            let path = setup.folder().join(name);
            std::fs::write(&path, value.to_string()).unwrap();
            path.to_str().unwrap().to_owned()
        };
        let (kept, told) = (keep("proof.json", &proof), keep("history.json", &history));
        let well = setup.run(&["ledger", "check-proof", &kept, &told]);
        assert!(well.status.success(), "{}", String::from_utf8_lossy(&well.stderr));
        let key = proof["data"]["checkpoint"]["public_key"].as_str().unwrap();
        assert!(setup.run(&["ledger", "check-proof", &kept, "--public-key", key]).status.success());
        assert!(!setup.run(&["ledger", "check-proof", &kept, "--public-key", "00"]).status.success());

        let mut rewritten = history.clone();
        rewritten["data"]["entries"][1]["amount"] = json!(-1);
        let mut shortened = history.clone();
        shortened["data"]["entries"].as_array_mut().unwrap().remove(2);
        for (name, changed) in [("rewritten.json", rewritten), ("shortened.json", shortened)] {
            let ill = setup.run(&["ledger", "check-proof", &kept, &keep(name, &changed)]);
            assert_eq!(ill.status.code(), Some(1), "{name}");
        }
        let mut forged = proof.clone();
        forged["data"]["head"] = json!("00".repeat(32));
        assert_eq!(
            setup.run(&["ledger", "check-proof", &keep("forged.json", &forged)]).status.code(),
            Some(1)
        );
    })
    .await;
}
