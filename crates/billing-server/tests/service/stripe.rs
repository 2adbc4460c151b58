//! The same journey on the Stripe channel, against a fake of Stripe.

use billing_core::values::Timestamp;
use billing_stripe::{SIGNATURE_HEADER, sign};
use billing_testkit::fixtures::stripe::{Shape, Story, StoryIds, stripe_story};
use billing_testkit::http_fakes::stripe::StripeFake;
use reqwest::Method;
use serde_json::{Value, json};

use crate::client::{Backend, answer, text};
use crate::process::{Setup, on_both};

pub(crate) const SECRET: &str = "whsec_a_secret_of_the_test";
const PRICE: &str = "price_1ProMonthly";

#[tokio::test(flavor = "multi_thread")]
async fn credits_and_a_plan_are_bought_through_stripe() {
    on_both(async |setup: Setup| {
        let fake = StripeFake::start(now());
        let service = setup
            .with("BILLING_STRIPE__SECRET_KEY", StripeFake::SECRET_KEY)
            .with("BILLING_STRIPE__WEBHOOK_SECRETS", &format!("whsec_an_older_one,{SECRET}"))
            .with("BILLING_STRIPE__API_BASE", &fake.base_url())
            .start();
        let backend = Backend::of(&service);

        let pack = buy(&backend, json!({ "type": "credits", "pack_id": backend.pack().await })).await;
        tell(&backend, &fake, &pack, Story::CreditsPaid, 500).await;
        backend.until(async |backend| (backend.balance("alice").await == 1000).then_some(())).await;

        // A plan without a Stripe price is not sold through Stripe.
        let plan = backend.get("/admin/billing/plans").await.body["data"][1].clone();
        let wanted = json!({ "type": "subscription", "plan_id": plan["id"] });
        let refused = backend.post("/payment/create-session", body(wanted.clone())).await;
        assert_eq!(refused.body["error"]["code"], "plan_not_available_on_channel");
        price(&backend, plan).await;

        let plan = buy(&backend, wanted).await;
        tell(&backend, &fake, &plan, Story::SubscriptionFirst, 999).await;
        let summary = backend
            .until(async |backend| {
                let summary = backend.get("/api/external/v2/billing/summary?account_id=alice").await.body;
                let there = summary["data"]["credits"]["balance"] == 11_000;
                (there && summary["data"]["subscription"]["status"] == "active").then_some(summary)
            })
            .await;
        assert_eq!(summary["data"]["subscription"]["type"], "pro");
        assert_eq!(fake.customers().len(), 1, "one customer for one account");

        let orders = backend.get("/orders?account_id=alice").await.body;
        let orders: Vec<_> =
            orders["data"].as_array().unwrap().iter().map(|order| text(&order["status"])).collect();
        assert_eq!(orders, ["completed", "completed"]);
        assert!(service.stop());
    })
    .await;
}

pub(crate) async fn buy(backend: &Backend, wanted: Value) -> Value {
    let checkout = backend.post("/payment/create-session", body(wanted)).await;
    assert_eq!(checkout.status, 200, "{}", checkout.body);
    checkout.body["data"].clone()
}

fn body(mut wanted: Value) -> Value {
    wanted["account_id"] = json!("alice");
    wanted["channel"] = json!("stripe");
    wanted["success_url"] = json!("https://app.example.com/dashboard/subscription?success=true");
    wanted["cancel_url"] = json!("https://app.example.com/dashboard/subscription");
    wanted
}

/// Gives the plan its Stripe price.
async fn price(backend: &Backend, mut plan: Value) {
    let path = format!("/admin/billing/plans/{}", text(&plan["id"]));
    plan["stripe_price_id_monthly"] = json!(PRICE);
    for field in ["id", "version"] {
        plan.as_object_mut().unwrap().remove(field);
    }
    let updated = answer(backend.request(Method::PUT, &path).json(&plan)).await.unwrap();
    assert_eq!(updated.status, 200, "{}", updated.body);
}

/// Delivers what Stripe tells of a payment, each event twice.
pub(crate) async fn tell(backend: &Backend, fake: &StripeFake, checkout: &Value, story: Story, amount: i64) {
    let ids = StoryIds {
        order_id: text(&checkout["order_id"]),
        customer: fake.customers()[0].id.clone(),
        session: text(&checkout["session_id"]),
        subscription: "sub_alice".to_owned(),
        price: PRICE.to_owned(),
        other_price: PRICE.to_owned(),
        amount,
        currency: "usd".to_owned(),
    };
    for event in stripe_story(story, Shape::PostBasil, &ids, now()) {
        for _ in 0..2 {
            let url = format!("{}/payment/webhook/stripe", backend.url);
            let signature = sign(SECRET, now(), &event.body);
            let taken =
                backend.http.post(&url).header(SIGNATURE_HEADER, signature).body(event.body.clone()).send();
            assert_eq!(taken.await.unwrap().status(), 200, "{}", event.name);
        }
        let forged = backend.http.post(format!("{}/payment/webhook/stripe", backend.url));
        let forged =
            forged.header(SIGNATURE_HEADER, sign("whsec_another", now(), &event.body)).body(event.body);
        assert_eq!(forged.send().await.unwrap().status(), 400);
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the real binary lives in real time, and so does what is told to it"
)]
pub(crate) fn now() -> Timestamp {
    time::OffsetDateTime::now_utc().into()
}
