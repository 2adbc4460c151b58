//! A provider that takes requests and does not answer, while jobs have to ask it.

use billing_store::testing::TestDatabase;
use billing_testkit::fixtures::stripe::Story;
use billing_testkit::http_fakes::stripe::StripeFake;
use serde_json::json;

use crate::client::{Backend, text};
use crate::process::{Setup, cleaning_up};
use crate::stripe::{SECRET, buy, now, tell};
use crate::trouble::{ask, with_stripe};

/// More orders than jobs make calls at once.
const UNPAID: usize = 20;
/// How many calls they make.
const CALLS: usize = 8;

fn paid_through_stripe(database: &TestDatabase, fake: &StripeFake) -> Setup {
    with_stripe(Setup::on(database), &fake.base_url()).with("BILLING_STRIPE__WEBHOOK_SECRETS", SECRET)
}

/// Opens checkouts that nobody pays, closes them long ago, and waits until jobs ask what became of them.
async fn hang(database: &TestDatabase, fake: &StripeFake, backend: &Backend) {
    let pack = backend.pack().await;
    for number in 0..UNPAID {
        let opened = ask(backend, "stripe", &format!("buyer-{number}"), &pack, "k").await;
        assert_eq!(opened.status, 200, "{}", opened.body);
    }
    let before = fake.requests().len();
    fake.hold();
    database
        .execute("UPDATE orders SET session_expires_at = 1 WHERE channel = 'stripe' AND status = 'pending'")
        .await;
    backend.until(async |_| (fake.requests().len() >= before + CALLS).then_some(())).await;
    assert_eq!(fake.requests().len(), before + CALLS);
}

async fn on_each(test: impl AsyncFn(&TestDatabase)) {
    for database in [TestDatabase::sqlite().await, TestDatabase::postgres().await] {
        cleaning_up(database, async |database| test(database).await).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn while_a_provider_hangs_events_are_applied_and_the_service_is_ready() {
    on_each(async |database| {
        let fake = StripeFake::start(now());
        let service = paid_through_stripe(database, &fake).start();
        let backend = Backend::of(&service);
        // Hers is the first customer, and her order the first that is asked about.
        let paid = buy(&backend, json!({ "type": "credits", "pack_id": backend.pack().await })).await;
        hang(database, &fake, &backend).await;

        assert_eq!(backend.get("/readyz").await.status, 200);
        tell(&backend, &fake, &paid, Story::CreditsPaid, 500).await;
        backend.until(async |backend| (backend.balance("alice").await == 1000).then_some(())).await;
        let checkout = backend.sandbox_checkout("bob", &backend.pack().await).await;
        let page = text(&checkout.body["data"]["url"]);
        assert_eq!(backend.http.post(format!("{page}/pay")).send().await.unwrap().status(), 303);
        backend.until(async |backend| (backend.balance("bob").await == 1000).then_some(())).await;
        assert_eq!(backend.get("/readyz").await.status, 200);
        fake.release();
        assert!(service.stop());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_whose_provider_hangs_stops_all_the_same() {
    on_each(async |database| {
        let fake = StripeFake::start(now());
        let service = paid_through_stripe(database, &fake).start();
        let backend = Backend::of(&service);
        hang(database, &fake, &backend).await;
        assert!(service.stop(), "it ends within its bounds, and well");
        fake.release();
    })
    .await;
}
