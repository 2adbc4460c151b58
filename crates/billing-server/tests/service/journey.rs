//! The first journey: buy credits, see them, spend them.

use reqwest::Method;
use serde_json::json;

use crate::client::{Backend, text};
use crate::process::{Setup, on_both};

#[tokio::test(flavor = "multi_thread")]
async fn credits_are_bought_in_the_sandbox_and_spent() {
    on_both(async |setup: Setup| {
        let service = setup.start();
        let backend = Backend::of(&service);

        let plans = backend.get("/subscription/plans").await;
        assert_eq!(plans.body["data"][1]["name"], "Pro");
        assert_eq!(plans.body["data"][1]["price_monthly"], 999);

        let checkout = backend.sandbox_checkout("alice", &backend.pack().await).await;
        let order = text(&checkout.body["data"]["order_id"]);
        let page = text(&checkout.body["data"]["url"]);
        let html = backend.http.get(&page).send().await.unwrap().text().await.unwrap();
        assert!(html.contains("1,000 credits") && html.contains("5.00 USD"), "{html}");
        assert_eq!(backend.balance("alice").await, 0);

        let paid = backend.http.post(format!("{page}/pay")).send().await.unwrap();
        assert_eq!(paid.status(), 303);
        let session = text(&checkout.body["data"]["session_id"]);
        let back = format!("https://app.example.com/thanks?session={session}");
        assert_eq!(paid.headers()["location"], back.as_str());

        completed(&backend, &order).await;
        assert_eq!(backend.balance("alice").await, 1000);

        let spent = backend.spend("alice", 50, "chat-1").await.unwrap();
        assert_eq!(spent.body["data"]["spent"], 50);
        assert_eq!(spent.body["data"]["balance"], 950);

        let history = backend.get("/credits/transactions?account_id=alice").await;
        let lines: Vec<_> =
            history.body["data"].as_array().unwrap().iter().map(|line| &line["amount"]).collect();
        assert_eq!(lines, [&json!(-50), &json!(1000)]);
        assert_eq!(history.body["data"][0]["type"], "ai_usage");

        let refused = backend.spend("alice", 951, "chat-2").await.unwrap();
        assert_eq!(refused.status, 402);
        assert_eq!(refused.body["error"]["code"], "insufficient_credits");
        let details = json!({ "required": 951, "available": 950, "held": 0 });
        assert_eq!(refused.body["error"]["details"], details);

        let path = "/checkin?account_id=alice";
        assert_eq!(backend.post(path, json!({})).await.body["data"]["credits"], 10);
        let again = backend.post(path, json!({})).await;
        assert_eq!((again.status, &again.body["error"]["code"]), (409, &json!("already_checked_in")));
        assert!(again.body["error"]["details"]["next_at"].is_string());
        assert_eq!(backend.balance("alice").await, 960);

        assert!(service.stop(), "the service ends well when it is asked to");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_is_bought_in_the_sandbox_and_shown_to_the_external_api() {
    on_both(async |setup: Setup| {
        let service = setup.start();
        let backend = Backend::of(&service);
        let plan = text(&backend.get("/subscription/plans").await.body["data"][1]["id"]);
        let wanted = json!({
            "account_id": "alice", "channel": "sandbox", "type": "subscription", "plan_id": plan, "interval": "yearly",
            "success_url": "https://app.example.com/", "cancel_url": "https://app.example.com/",
        });
        let checkout = backend.post("/payment/create-session", wanted.clone()).await;
        let page = text(&checkout.body["data"]["url"]);
        // An impatient buyer pays twice.
        for _ in 0..2 {
            assert_eq!(backend.http.post(format!("{page}/pay")).send().await.unwrap().status(), 303);
        }
        completed(&backend, &text(&checkout.body["data"]["order_id"])).await;
        let summary = backend
            .until(async |backend| {
                let summary = backend.get("/api/external/v2/billing/summary?account_id=alice").await.body;
                let active = summary["data"]["subscription"]["status"] == "active";
                // A year of monthly credits: the first month's are there, the others come by time.
                (active && summary["data"]["credits"]["balance"] == 10_000).then_some(summary)
            })
            .await;
        assert_eq!(summary["data"]["subscription"]["type"], "pro");
        assert_eq!(summary["data"]["subscription"]["billing_cycle"], "annual");

        let second = backend.post("/payment/create-session", wanted).await;
        assert_eq!((second.status, &second.body["error"]["code"]), (409, &json!("already_subscribed")));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_that_fails_can_still_be_made() {
    on_both(async |setup: Setup| {
        let service = setup.start();
        let backend = Backend::of(&service);
        let checkout = backend.sandbox_checkout("alice", &backend.pack().await).await;
        let page = text(&checkout.body["data"]["url"]);
        let order = format!("/orders/{}?account_id=alice", text(&checkout.body["data"]["order_id"]));
        let declined = backend.http.post(format!("{page}/decline")).send().await.unwrap();
        assert_eq!(declined.headers()["location"], "https://app.example.com/");
        backend
            .until(async |backend| {
                (backend.get(&order).await.body["data"]["status"] == "failed").then_some(())
            })
            .await;
        assert_eq!(backend.balance("alice").await, 0);

        backend.http.post(format!("{page}/pay")).send().await.unwrap();
        backend
            .until(async |backend| {
                (backend.get(&order).await.body["data"]["status"] == "completed").then_some(())
            })
            .await;
        assert_eq!(backend.balance("alice").await, 1000);

        // Neither a forged address nor another account's eyes get anywhere.
        let forged = page.replace("/sandbox/checkout/", "/sandbox/checkout/x");
        assert_eq!(backend.http.post(format!("{forged}/pay")).send().await.unwrap().status(), 404);
        assert_eq!(backend.get(&order.replace("alice", "bob")).await.status, 404);
        let head = backend.request(Method::HEAD, "/credits/balance?account_id=alice").send().await.unwrap();
        assert_eq!(head.status(), 200);
    })
    .await;
}

async fn completed(backend: &Backend, order: &str) {
    let path = format!("/orders/{order}?account_id=alice");
    backend
        .until(async |backend| (backend.get(&path).await.body["data"]["status"] == "completed").then_some(()))
        .await;
}
