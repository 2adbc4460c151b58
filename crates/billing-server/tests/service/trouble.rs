//! A payment provider that is down, slow, or talks nonsense.

use billing_core::values::Timestamp;
use billing_store::testing::TestDatabase;
use billing_testkit::http_fakes::creem::{CreemFake, CreemFault};
use billing_testkit::http_fakes::stripe::{Fault, StripeFake};
use reqwest::Method;
use serde_json::{Value, json};

use crate::client::{Answer, Backend, answer, text};
use crate::process::{Service, Setup, cleaning_up, on_both};

const SECRET: &str = "whsec_a_secret_of_the_test";
const PAGE: &str = "<html>We will be back soon</html>";
/// More checkouts than a process has connections to its database.
const HANGING: usize = 40;

pub(crate) fn with_stripe(setup: Setup, base: &str) -> Setup {
    setup
        .with("BILLING_STRIPE__SECRET_KEY", StripeFake::SECRET_KEY)
        .with("BILLING_STRIPE__WEBHOOK_SECRETS", SECRET)
        .with("BILLING_STRIPE__API_BASE", base)
}

fn with_creem(setup: Setup, base: &str) -> Setup {
    setup
        .with("BILLING_CREEM__API_KEY", CreemFake::API_KEY)
        .with("BILLING_CREEM__WEBHOOK_SECRETS", SECRET)
        .with("BILLING_CREEM__API_BASE", base)
}

/// Asks for a checkout of `pack` under `key`.
pub(crate) async fn ask(backend: &Backend, channel: &str, account: &str, pack: &str, key: &str) -> Answer {
    let body = json!({
        "account_id": account, "channel": channel, "type": "credits", "pack_id": pack,
        "success_url": "https://app.example.com/thanks", "cancel_url": "https://app.example.com/",
    });
    let request = backend.request(Method::POST, "/payment/create-session").header("Idempotency-Key", key);
    answer(request.json(&body)).await.unwrap()
}

/// Asks while the provider is in trouble. Nothing but a pending order is there afterwards.
async fn ask_in_vain(backend: &Backend, channel: &str, account: &str, pack: &str, key: &str) {
    let failed = ask(backend, channel, account, pack, key).await;
    assert_eq!(
        (failed.status, &failed.body["error"]["code"]),
        (502, &json!("provider_unavailable")),
        "{key}"
    );
    assert_eq!(orders(backend, account).await.last().unwrap()["status"], "pending", "{key}");
    assert_eq!(backend.balance(account).await, 0, "{key}");
}

/// The account's orders, the earliest last.
async fn orders(backend: &Backend, account: &str) -> Vec<Value> {
    let orders = backend.get(&format!("/orders?account_id={account}")).await.body;
    orders["data"].as_array().unwrap().clone()
}

/// The log says `words`, at the latest soon.
async fn logged(backend: &Backend, service: &Service, words: &str) {
    backend.until(async |_| service.log().contains(words).then_some(())).await;
}

/// Makes the first pack one of Creem's.
async fn back_by_creem(backend: &Backend) -> String {
    let mut pack = backend.get("/admin/billing/packs").await.body["data"][0].clone();
    let id = text(&pack["id"]);
    pack["creem_product_id"] = json!("prod_Pack");
    for field in ["id", "version"] {
        pack.as_object_mut().unwrap().remove(field);
    }
    let written =
        answer(backend.request(Method::PUT, &format!("/admin/billing/packs/{id}")).json(&pack)).await;
    assert_eq!(written.as_ref().unwrap().status, 200, "{written:?}");
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stripe_in_trouble_leaves_nothing_half_done_and_its_request_id_in_the_log() {
    cleaning_up(TestDatabase::sqlite().await, async |database| {
        let fake = StripeFake::start(now());
        let service = with_stripe(Setup::on(database), &fake.base_url()).start();
        let (backend, pack) = (Backend::of(&service), Backend::of(&service).pack().await);
        let refuse = |status| Fault::Refuse { status, code: None, should_retry: Some(false) };
        let troubles: [Vec<Fault>; 7] = [
            vec![refuse(500)],
            vec![refuse(409)],
            vec![refuse(403)],
            vec![Fault::rate_limited(None)],
            vec![Fault::Answer(200, PAGE)],
            vec![Fault::Answer(200, "{}")],
            // Done three times over, and no answer ever came.
            vec![Fault::CutAfterEffect, Fault::CutAfterEffect, Fault::CutAfterEffect],
        ];
        for (number, faults) in troubles.into_iter().enumerate() {
            // While the customer is made, and while the checkout is opened.
            for known in [false, true] {
                let (account, key) = (format!("buyer-{number}-{known}"), format!("key-{number}-{known}"));
                if known {
                    assert_eq!(ask(&backend, "stripe", &account, &pack, "before").await.status, 200);
                }
                let (open, count) = (fake.sessions().len(), orders(&backend, &account).await.len());
                faults.iter().cloned().for_each(|fault| fake.inject(fault));
                ask_in_vain(&backend, "stripe", &account, &pack, &key).await;
                let request = fake.requests().pop().unwrap().request_id.unwrap();
                logged(&backend, &service, &request).await;
                // The same request, once Stripe is well: the same order, and one checkout that can be paid.
                let opened = ask(&backend, "stripe", &account, &pack, &key).await;
                assert_eq!(opened.status, 200, "{faults:?}: {}", opened.body);
                assert_eq!(orders(&backend, &account).await.len(), count + 1, "{faults:?}");
                assert_eq!(fake.sessions().len(), open + 1, "{faults:?}");
                let again = ask(&backend, "stripe", &account, &pack, &key).await;
                assert_eq!(again.body["data"], opened.body["data"], "{faults:?}");
            }
        }
        let buyers = fake.customers().len();
        assert_eq!(buyers, 14, "one customer for each of the accounts");
        assert!(!service.log().contains(StripeFake::SECRET_KEY));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_creem_in_trouble_leaves_nothing_half_done_and_its_trace_id_in_the_log() {
    cleaning_up(TestDatabase::sqlite().await, async |database| {
        let fake = CreemFake::start();
        let service = with_creem(Setup::on(database), &fake.base_url()).start();
        let backend = Backend::of(&service);
        let pack = back_by_creem(&backend).await;
        for (number, fault) in [
            CreemFault::Refuse(500),
            CreemFault::Refuse(503),
            CreemFault::Refuse(403),
            CreemFault::Answer(200, PAGE),
            CreemFault::Answer(502, PAGE),
            CreemFault::Answer(200, "{}"),
            CreemFault::CutAfterEffect,
        ]
        .into_iter()
        .enumerate()
        {
            let (account, key) = (format!("buyer-{number}"), format!("key-{number}"));
            let before = fake.requests();
            fake.inject(fault.clone());
            ask_in_vain(&backend, "creem", &account, &pack, &key).await;
            // Nothing there tells a repetition from a second call, so it was asked once.
            assert_eq!(fake.requests(), before + 1, "{fault:?}");
            if matches!(fault, CreemFault::Refuse(_)) {
                logged(&backend, &service, &format!("trace-{}", fake.requests())).await;
            }
            let opened = ask(&backend, "creem", &account, &pack, &key).await;
            assert_eq!(opened.status, 200, "{fault:?}: {}", opened.body);
            // The buyer is sent to the last one opened; one whose answer was lost was shown to nobody.
            let last = fake.checkouts().pop().unwrap();
            assert_eq!(opened.body["data"]["session_id"], json!(last.id), "{fault:?}");
            assert_eq!(orders(&backend, &account).await.len(), 1, "{fault:?}");
            let again = ask(&backend, "creem", &account, &pack, &key).await;
            assert_eq!(again.body["data"], opened.body["data"], "{fault:?}");
        }
        assert!(!service.log().contains(CreemFake::API_KEY));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_both_providers_down_everything_but_buying_goes_on() {
    cleaning_up(TestDatabase::sqlite().await, async |database| {
        let nobody = "http://127.0.0.1:9";
        let service = with_creem(with_stripe(Setup::on(database), nobody), nobody).start();
        let backend = Backend::of(&service);
        let pack = back_by_creem(&backend).await;
        backend.give("rich", 100).await;
        tokio::join!(
            ask_in_vain(&backend, "stripe", "ada", &pack, "k"),
            ask_in_vain(&backend, "creem", "bob", &pack, "k"),
            async {
                for number in 0..10 {
                    assert_eq!(
                        backend.spend("rich", 1, &format!("spend-{number}")).await.unwrap().status,
                        200
                    );
                }
            },
        );
        assert_eq!(backend.balance("rich").await, 90);
        assert_eq!(backend.get("/readyz").await.status, 200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn spends_do_not_wait_for_checkouts_that_hang() {
    on_both(async |setup: Setup| {
        let (stripe, creem) = (StripeFake::start(now()), CreemFake::start());
        let service = with_creem(with_stripe(setup, &stripe.base_url()), &creem.base_url()).start();
        let backend = Backend::of(&service);
        let pack = back_by_creem(&backend).await;
        backend.give("rich", 100).await;
        stripe.hold();
        creem.hold();
        let mut hanging = tokio::task::JoinSet::new();
        for number in 0..HANGING {
            let (backend, pack) = (backend.clone(), pack.clone());
            hanging.spawn(async move {
                let channel = if number % 2 == 0 { "stripe" } else { "creem" };
                // One of them is the very account that spends.
                let account = if number == 0 { "rich".to_owned() } else { format!("buyer-{number}") };
                ask(&backend, channel, &account, &pack, "k").await.status
            });
        }
        let all = || stripe.requests().len() + creem.requests() == HANGING;
        backend.until(async |_| all().then_some(())).await;
        for number in 0..20 {
            assert_eq!(backend.spend("rich", 1, &format!("spend-{number}")).await.unwrap().status, 200);
        }
        assert_eq!(backend.balance("rich").await, 80);
        assert!(hanging.try_join_next().is_none(), "not one of them had an answer");
        stripe.release();
        creem.release();
        assert_eq!(hanging.join_all().await, [200; HANGING]);
    })
    .await;
}

#[expect(
    clippy::disallowed_methods,
    reason = "the real binary lives in real time, and so does what is told to it"
)]
fn now() -> Timestamp {
    time::OffsetDateTime::now_utc().into()
}
