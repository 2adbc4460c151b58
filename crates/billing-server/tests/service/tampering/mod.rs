//! History that was rewritten is found, by `ledger verify` and by the service itself; and what is not found is known.

mod forger;
mod ways;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use billing_core::ledger::CheckpointSigner;
use billing_store::testing::TestDatabase;
use reqwest::Method;
use serde_json::json;

use crate::client::{Backend, answer};
use crate::process::{Service, Setup, cleaning_up};
use forger::Forger;
use ways::WAYS;

/// A key from outside, as settings name it.
const KEY: &str = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
/// An account that nobody touches.
const HONEST: &str = "honest";

/// Signs with a key of its own choice.
struct Signer(Ed25519KeyPair);

impl Signer {
    fn of(seed: &str) -> Self {
        let seed = hex::decode(seed).unwrap();
        Self(Ed25519KeyPair::from_seed_unchecked(&seed).unwrap())
    }
}

impl CheckpointSigner for Signer {
    fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.0.sign(message).as_ref().to_vec()
    }

    fn public_key(&self) -> Vec<u8> {
        self.0.public_key().as_ref().to_vec()
    }
}

/// A service whose checkpoints are soon.
fn setup(database: &TestDatabase) -> Setup {
    Setup::on(database).with("BILLING_LEDGER__CHECKPOINT_SECONDS", "1")
}

fn with_copies(setup: Setup) -> Setup {
    let path = setup.folder().join("checkpoints.jsonl");
    setup.with("BILLING_LEDGER__CHECKPOINT_FILE", path.to_str().unwrap())
}

/// Has each of `accounts` and the honest one live a little, and waits until checkpoints cover all of it.
async fn live(backend: &Backend, accounts: &[&str]) {
    let meters = json!([{ "name": "chat", "rates": [{ "quantity": "tokens", "credits": "0.3", "per": 1 }], "rounding": "carry" }]);
    let card = json!({ "slug": "default", "name": "Standard", "meters": meters });
    assert_eq!(backend.post("/admin/billing/rate-cards", card).await.status, 200);
    for account in accounts.iter().chain(&[HONEST]) {
        backend.give(account, 100).await;
        for number in 0..4 {
            assert_eq!(backend.spend(account, 3, &format!("s{number}")).await.unwrap().status, 200);
        }
        let usage = json!({ "meter": "chat", "quantities": { "tokens": 5 } });
        let bodies = [
            ("/credits/consume", json!({ "account_id": account, "usage": usage })),
            ("/credits/holds", json!({ "account_id": account, "amount": 5 })),
        ];
        for (path, body) in bodies {
            let request = backend.request(Method::POST, path).header("Idempotency-Key", path).json(&body);
            let answer = answer(request).await.unwrap();
            assert!(answer.status < 300, "{}", answer.body);
        }
    }
    for account in accounts.iter().chain(&[HONEST]) {
        backend
            .until(async |backend| {
                let proof = backend.get(&format!("/credits/proof?account_id={account}")).await;
                let data = &proof.body["data"];
                ((&data["seq"], &data["usages"]) == (&json!(6), &json!(1))).then_some(())
            })
            .await;
    }
}

/// What `ledger verify` complains of.
fn complaints(setup: &Setup) -> String {
    let verified = setup.run(&["ledger", "verify"]);
    let said = String::from_utf8_lossy(&verified.stderr).into_owned();
    said.replace("billing: ", "")
}

async fn is_frozen(backend: &Backend, account: &str) -> bool {
    let account = backend.get(&format!("/accounts/{account}")).await;
    account.body["data"]["frozen"] == json!(true)
}

/// Waits until the service has found what was done to `accounts`, and sees that nothing moves there any more.
async fn are_found_and_frozen(backend: &Backend, accounts: &[&str]) {
    for account in accounts {
        backend.until(async |backend| is_frozen(backend, account).await.then_some(())).await;
        let refused = backend.spend(account, 1, "after").await.unwrap();
        assert_eq!(
            (refused.status, &refused.body["error"]["code"]),
            (409, &json!("account_frozen")),
            "{account}: {}",
            refused.body
        );
    }
}

async fn the_honest_go_on(backend: &Backend) {
    assert!(!is_frozen(backend, HONEST).await);
    assert_eq!(backend.spend(HONEST, 1, "after").await.unwrap().status, 200);
}

/// Tampers with one account in each way, while the service is down.
async fn tamper(database: &TestDatabase, setup: &Setup) -> Service {
    let service = setup.start();
    let names: Vec<_> = WAYS.iter().map(|way| way.name).collect();
    live(&Backend::of(&service), &names).await;
    assert!(service.stop());
    assert_eq!(complaints(setup).lines().filter(|line| !line.starts_with("note")).count(), 0);
    let forger = Forger::at(database).await;
    for way in WAYS {
        way.go(&forger, forger.account(way.name).await).await;
    }
    forger.leave().await;
    let said = complaints(setup);
    for way in WAYS {
        let about = format!("{}: ", way.name);
        assert!(said.lines().any(|line| line.starts_with(&about)), "{} is not found in:\n{said}", way.name);
    }
    assert!(!said.contains(HONEST), "{said}");
    setup.start()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_change_of_history_is_found_and_freezes_its_account() {
    for database in [TestDatabase::sqlite().await, TestDatabase::postgres().await] {
        cleaning_up(database, async |database| {
            let setup = with_copies(setup(database)).with("BILLING_LEDGER__CHECKPOINT_KEY", KEY);
            let service = tamper(database, &setup).await;
            let backend = Backend::of(&service);
            let names: Vec<_> = WAYS.iter().map(|way| way.name).collect();
            are_found_and_frozen(&backend, &names).await;
            the_honest_go_on(&backend).await;
            let doctor = String::from_utf8_lossy(&setup.run(&["doctor"]).stdout).into_owned();
            assert!(doctor.contains("signed with a key from outside and copied to a file"), "{doctor}");
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_outside_is_enough_and_so_is_a_key_outside() {
    for (key, copies) in [(true, false), (false, true)] {
        let database = TestDatabase::sqlite().await;
        cleaning_up(database, async |database| {
            let mut setup = setup(database);
            if key {
                setup = setup.with("BILLING_LEDGER__CHECKPOINT_KEY", KEY);
            }
            if copies {
                setup = with_copies(setup);
            }
            drop(tamper(database, &setup).await);
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn checkpoints_that_were_changed_are_named_and_copies_clear_the_accounts() {
    for copies in [true, false] {
        let database = TestDatabase::sqlite().await;
        cleaning_up(database, async |database| {
            let mut setup = setup(database).with("BILLING_LEDGER__CHECKPOINT_KEY", KEY);
            if copies {
                setup = with_copies(setup);
            }
            let service = setup.start();
            live(&Backend::of(&service), &["ada"]).await;
            assert!(service.stop());
            database.execute("UPDATE checkpoints SET created_at = created_at + 1 WHERE number = 1").await;
            let said = complaints(&setup);
            assert!(said.contains("checkpoint 1 does not carry the signature of its key"), "{said}");
            // Nothing but the copy says which accounts are as they were.
            assert_eq!(said.contains("ada: checkpoint 1"), !copies, "{said}");
            let service = setup.start();
            let backend = Backend::of(&service);
            if copies {
                the_honest_go_on(&backend).await;
            } else {
                are_found_and_frozen(&backend, &["ada"]).await;
            }
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_was_set_back_is_known_by_the_copies_and_nothing_is_signed_on_top_of_it() {
    let database = TestDatabase::sqlite().await;
    cleaning_up(database, async |database| {
        let setup = with_copies(setup(database)).with("BILLING_LEDGER__CHECKPOINT_KEY", KEY);
        let service = setup.start();
        live(&Backend::of(&service), &["ada"]).await;
        assert!(service.stop());
        let forger = Forger::at(database).await;
        let last = forger.checkpoints().await.last().unwrap().copy.checkpoint.number;
        forger.leave().await;
        for table in ["checkpoints WHERE number", "checkpoint_heads WHERE checkpoint"] {
            database.execute(&format!("DELETE FROM {table} = {last}")).await;
        }
        let said = complaints(&setup);
        let gone = format!("checkpoint {last} is not in the database, its copy is outside");
        assert!(said.contains(&gone), "{said}");
        let service = setup.start();
        let backend = Backend::of(&service);
        backend.until(async |_| service.log().contains("checkpoints do not hold").then_some(())).await;
        assert!(service.stop());
        assert!(complaints(&setup).contains(&gone), "nothing took its place");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_that_is_gone_is_missed() {
    let database = TestDatabase::sqlite().await;
    cleaning_up(database, async |database| {
        let setup = setup(database).with("BILLING_LEDGER__CHECKPOINT_KEY", KEY);
        let service = setup.start();
        live(&Backend::of(&service), &["ada"]).await;
        assert!(service.stop());
        let forger = Forger::at(database).await;
        let ada = forger.account("ada").await;
        forger.run(ada, "DELETE FROM balances WHERE account_id = {account}").await;
        forger.leave().await;
        let said = complaints(&setup);
        assert!(said.contains(&format!("checkpoints cover {ada}, which has no ledger any more")), "{said}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_replaced_without_casting_doubt_on_what_the_old_one_signed() {
    let database = TestDatabase::sqlite().await;
    cleaning_up(database, async |database| {
        let service = setup(database).start();
        live(&Backend::of(&service), &["ada"]).await;
        assert!(service.stop());
        // The key lay in the database; from now on it comes from outside.
        let moved = setup(database).with("BILLING_LEDGER__CHECKPOINT_KEY", KEY);
        let refused = moved.run(&["serve"]);
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(!refused.status.success() && said.contains("add `"), "{said}");
        let known = said.split('`').nth(1).unwrap();
        let moved = moved.with("BILLING_LEDGER__PUBLIC_KEYS", known);
        let service = moved.start();
        let backend = Backend::of(&service);
        assert_eq!(backend.spend("ada", 1, "later").await.unwrap().status, 200);
        backend
            .until(async |backend| {
                let proof = backend.get("/credits/proof?account_id=ada").await;
                (proof.body["data"]["seq"] == json!(7)).then_some(())
            })
            .await;
        assert!(service.stop());
        assert_eq!(complaints(&moved), "");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_the_key_in_the_database_and_no_copies_a_rewritten_history_stays_hidden() {
    let database = TestDatabase::sqlite().await;
    cleaning_up(database, async |database| {
        let setup = setup(database);
        let service = setup.start();
        live(&Backend::of(&service), &["ada", "bob"]).await;
        assert!(service.stop());
        let forger = Forger::at(database).await;
        let ada = forger.account("ada").await;
        forger.undo_part_of_a_spend(ada, 2, 2).await;
        assert!(
            complaints(&setup).contains("ada: entry 2 carries the hash")
                || complaints(&setup).contains("ada: entry")
        );
        forger.rewrite_heads(ada).await;
        let seed = forger.setting("checkpoint_key").await;
        forger.sign_anew(&Signer::of(&seed)).await;
        forger.leave().await;
        // This is what `doctor` warns of.
        let said = complaints(&setup);
        assert!(
            said.lines()
                .all(|line| line.starts_with("note: the key that signs checkpoints lies in the database")),
            "{said}"
        );
        let doctor = String::from_utf8_lossy(&setup.run(&["doctor"]).stdout).into_owned();
        assert!(doctor.contains("warn   the key that signs checkpoints lies in the database"), "{doctor}");
    })
    .await;
}
