//! Whatever goes wrong: no secret is printed or logged, however much is logged.

use std::process::Output;

use billing_store::testing::TestDatabase;
use reqwest::Method;

use crate::client::{Backend, answer};
use crate::process::{Setup, cleaning_up};

/// What must never be seen; it cannot stand anywhere by chance.
const MARK: &str = "Kz9MARKEDSECRETq7";

fn loud(setup: Setup) -> Setup {
    setup.with("RUST_LOG", "trace")
}

fn said(output: &Output) -> String {
    [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes)).join("\n")
}

/// Each of the commands fails, and does not say what it must not.
fn keep_quiet(setup: &Setup, case: &str) {
    for command in ["migrate", "doctor", "serve"] {
        let output = setup.run(&[command]);
        let said = said(&output);
        assert!(!said.contains(MARK), "{case}, {command}: {said}");
        assert!(!output.status.success(), "{case}: {command} is content: {said}");
        assert!(!said.trim().is_empty(), "{case}: {command} fails without a word");
    }
}

#[test]
fn a_settings_file_that_cannot_be_used_is_not_quoted() {
    let lines = [
        format!("database_url = \"postgres://billing:{MARK}@127.0.0.1/billing"),
        format!("[stripe]\nsecret_key = {MARK}"),
        format!("[stripe]\nsecret_key = \"sk_test_1\"\nsecret_key = \"{MARK}\""),
        format!("[stripe]\nsecret_key \"{MARK}\""),
        format!("[jwt]\nhs256_secret = \"\"\"{MARK}"),
        format!("stripe = \"{MARK}\""),
        format!("[stripe]\nsecret_key = [\"{MARK}\"]"),
        format!("[stripe]\nwebhook_secrets = [[\"{MARK}\"]]"),
        format!("[stripe]\nwebhook_secrets = {{ first = \"{MARK}\" }}"),
        format!("[stripe.secret_key]\nvalue = \"{MARK}\""),
        format!("[stripe]\nsecret-key = \"{MARK}\""),
        format!("[[creem]]\napi_key = \"{MARK}\""),
        format!("database_connections = \"{MARK}\""),
        format!("log_format = \"{MARK}\""),
        format!("clawback_policy = \"{MARK}\""),
        format!("[sandbox]\nenabled = \"{MARK}\""),
        format!("\"{MARK}\" = 1"),
        MARK.to_owned(),
    ];
    for line in lines {
        let setup = loud(Setup::bare());
        std::fs::write(setup.folder().join("billing.toml"), &line).unwrap();
        keep_quiet(&setup, &line);
    }
}

#[test]
fn a_settings_file_is_told_by_the_place_of_its_fault() {
    let setup = loud(Setup::bare());
    let text = format!("listen = \"127.0.0.1:0\"\n\n[stripe]\nsecret_key = \"{MARK}\n");
    std::fs::write(setup.folder().join("billing.toml"), text).unwrap();
    let said = said(&setup.run(&["doctor"]));
    assert!(said.contains("billing.toml") && said.contains("line 4"), "{said}");
    let setup = loud(Setup::bare()).with("BILLING_DATABASE_CONNECTIONS", "many");
    let said = self::said(&setup.run(&["doctor"]));
    assert!(said.contains("database_connections") && said.contains("integer"), "{said}");
}

#[test]
fn a_variable_that_cannot_be_used_is_not_quoted() {
    for name in [
        "DATABASE_CONNECTIONS",
        "LOG_FORMAT",
        "WORKERS",
        "CLAWBACK_POLICY",
        "RENEWAL_GRACE_DAYS",
        "KEY_MEMORY_SECONDS",
        "LEDGER__WRITERS",
        "SANDBOX__ENABLED",
        "STRIPE__SECRET_KEY_FILE",
        "SANDBOX__SECRET_FILE",
    ] {
        keep_quiet(&loud(Setup::bare()).with(&format!("BILLING_{name}"), MARK), name);
    }
    // These are read where they are needed.
    for name in [
        "LEDGER__CHECKPOINT_KEY",
        "JWT__HS256_SECRET",
        "JWT__DEFAULT_SCOPES",
        "STRIPE__SECRET_KEY",
        "CREEM__API_KEY",
    ] {
        let setup = loud(Setup::bare()).with(&format!("BILLING_{name}"), MARK);
        for command in ["doctor", "serve"] {
            let output = setup.run(&[command]);
            assert!(!output.status.success(), "{name}: {command} is content");
            assert!(!said(&output).contains(MARK), "{name}, {command}: {}", said(&output));
        }
    }
}

#[test]
fn a_database_that_cannot_be_opened_is_not_named_by_its_url() {
    // A socket that is not there is known not to be there at once; a port that refuses is asked again for a while.
    let [socket, port] = ["%2Fno-such-folder", "127.0.0.1:1"];
    for url in [
        format!("mysql://billing:{MARK}@127.0.0.1/billing"),
        format!("billing:{MARK}@127.0.0.1/billing"),
        format!("postgres://billing:{MARK}@{socket}/billing"),
        format!("postgres://billing:{MARK}@127.0.0.1:none/billing"),
        format!("postgres://billing:{MARK}@[::1/billing"),
        format!("postgres://billing:%ff{MARK}@{socket}/billing"),
        format!("postgres://billing@{socket}/billing?password={MARK}&sslmode=disable"),
        format!("postgres://billing@{socket}/billing?pasword={MARK}"),
        format!("postgres://billing@{socket}/billing?sslmode={MARK}"),
        format!("postgres://billing@{socket}/billing?port={MARK}"),
        format!("postgres://billing@{socket}/billing?statement-cache-capacity={MARK}"),
        format!("postgres://billing@{socket}/billing?options[{MARK}]=1"),
        format!("postgres://billing@{socket}/billing?sslrootcert=/{MARK}&sslmode=verify-full"),
        format!("sqlite://no-such-folder/billing.db?key={MARK}"),
    ] {
        keep_quiet(&loud(Setup::bare()).with("BILLING_DATABASE_URL", &url), &url);
    }
    for (url, command) in [
        (format!("postgres://billing:{MARK}@{port}/billing"), "migrate"),
        (format!("sqlite://billing.db?mode={MARK}"), "migrate"),
        (format!("sqlite://billing.db?key={MARK}"), "serve"),
    ] {
        let output = loud(Setup::bare()).with("BILLING_DATABASE_URL", &url).run(&[command]);
        assert!(!output.status.success(), "{url}: {command} is content");
        assert!(!said(&output).contains(MARK), "{url}, {command}: {}", said(&output));
    }
}

/// A service that logs all it can, whose callers bring right and wrong secrets.
#[tokio::test]
async fn a_service_that_logs_everything_logs_no_secret() {
    for database in [TestDatabase::sqlite().await, TestDatabase::postgres().await] {
        cleaning_up(database, async |database| {
            let operator = format!("operator-{MARK}");
            let long = MARK.repeat(3);
            let setup = loud(Setup::on(database))
                .with("BILLING_BOOTSTRAP_ADMIN_KEY", &operator)
                .with("BILLING_SANDBOX__SECRET", &long)
                .with("BILLING_JWT__HS256_SECRET", &long)
                .with("BILLING_LEDGER__CHECKPOINT_KEY", &"5a".repeat(32))
                .with("BILLING_STRIPE__SECRET_KEY", &format!("sk_test_{MARK}"))
                .with("BILLING_STRIPE__WEBHOOK_SECRETS", &format!("whsec_{MARK}"))
                .with("BILLING_STRIPE__API_BASE", "http://127.0.0.1:1");
            let service = setup.start();
            let backend = Backend::of(&service);
            for key in [operator.as_str(), MARK, &format!("bk_{MARK}"), &format!("eyJ.{MARK}.{MARK}")] {
                for path in ["/admin/billing/orders", "/credits/balance?account_id=ada"] {
                    answer(backend.request_as(key, Method::GET, path)).await.unwrap();
                }
            }
            let webhook = backend.request_as(MARK, Method::POST, "/payment/webhook/stripe");
            answer(webhook.header("Stripe-Signature", MARK).body("{}")).await.unwrap();
            let printed = service.said.join("\n");
            service.stop_and_read(|log| {
                assert!(log.contains("TRACE"), "it does not log everything: {log}");
                for text in [log, &printed] {
                    let line = text.lines().find(|line| line.contains(MARK) || line.contains("5a5a5a5a"));
                    assert_eq!(line, None);
                }
            });
        })
        .await;
    }
}
