//! Gifts, in the running service on both databases.

use serde_json::{Value, json};

use crate::client::{Backend, text};
use crate::process::{Setup, on_both};

/// How many want one gift at once.
const MANY: usize = 50;

async fn plan(backend: &Backend) -> String {
    let plans = backend.get("/subscription/plans").await.body["data"].as_array().unwrap().clone();
    let priced = plans.iter().find(|plan| plan["credits_included"].as_i64().unwrap_or(0) > 0);
    text(&priced.unwrap_or(&plans[1])["id"])
}

#[tokio::test(flavor = "multi_thread")]
async fn of_50_who_redeem_a_gift_at_once_one_has_it() {
    on_both(async |setup: Setup| {
        let service = setup.start();
        let backend = Backend::of(&service);
        let wanted = json!({
            "account_id": "alice", "channel": "sandbox", "type": "gift", "plan_id": plan(&backend).await, "months": 3,
            "redeem_url": "https://app.example.com/redeem",
            "success_url": "https://app.example.com/thanks", "cancel_url": "https://app.example.com/",
        });
        let opened = backend.post("/payment/create-session", wanted).await;
        assert_eq!(opened.status, 200, "{opened:?}");
        let code = text(&opened.body["data"]["gift"]["code"]);
        let early = backend.post("/gifts/redeem", json!({ "account_id": "bob", "code": code })).await;
        assert_eq!((early.status, &early.body["error"]["code"]), (412, &json!("gift_not_paid")));
        backend.http.post(format!("{}/pay", text(&opened.body["data"]["url"]))).send().await.unwrap();
        let listed = backend.until(async |backend| {
            let gift = backend.get("/gifts?account_id=alice").await.body["data"][0].clone();
            (gift["status"] == "paid").then_some(gift)
        });
        assert_eq!(listed.await["code"], json!(code));

        let redeem = |number: usize| json!({ "account_id": format!("account-{number}"), "code": code });
        let posts = (0..MANY).map(|number| {
            let (backend, body) = (backend.clone(), redeem(number));
            tokio::spawn(async move { backend.post("/gifts/redeem", body).await })
        });
        let mut done = Vec::new();
        for post in posts.collect::<Vec<_>>() {
            done.push(post.await.unwrap());
        }
        let (won, lost): (Vec<_>, Vec<_>) = done.iter().partition(|answer| answer.status == 200);
        assert_eq!(won.len(), 1, "{done:?}");
        let taken = |code: &Value| code == "gift_already_redeemed";
        assert!(lost.iter().all(|answer| taken(&answer.body["error"]["code"])), "{lost:?}");
        let gifts = backend.get("/admin/billing/gifts").await.body["data"].clone();
        let winner = text(&gifts[0]["redeemed_by"]);
        let summary = backend.get(&format!("/v1/billing/summary?account_id={winner}")).await.body;
        assert_eq!(summary["subscription"]["source"], "gift", "{summary}");
    })
    .await;
}
