//! Codes, in the running service on both databases.

use serde_json::{Value, json};

use crate::client::{Answer, Backend, text};
use crate::process::{Setup, on_both};

/// How many want the last use at once.
const MANY: usize = 50;

async fn offers(backend: &Backend, coupon: Value) {
    let made = backend.post("/admin/billing/coupons", coupon).await;
    assert_eq!(made.status, 200, "{made:?}");
}

/// Posts each of `bodies` to `path` at the same moment.
async fn at_once(backend: &Backend, path: &'static str, bodies: impl Iterator<Item = Value>) -> Vec<Answer> {
    let posts = bodies.map(|body| {
        let backend = backend.clone();
        tokio::spawn(async move { backend.post(path, body).await })
    });
    let mut answers = Vec::new();
    for post in posts.collect::<Vec<_>>() {
        answers.push(post.await.unwrap());
    }
    answers
}

fn one_got_it(answers: &[Answer]) {
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1, "{answers:?}");
    let refused = answers.iter().filter(|answer| answer.body["error"]["code"] == "coupon_exhausted");
    assert_eq!(refused.count(), MANY - 1, "{answers:?}");
}

fn checkout(account: &str, pack: &str, code: &str) -> Value {
    json!({
        "account_id": account, "channel": "sandbox", "type": "credits", "pack_id": pack, "coupon_code": code,
        "success_url": "https://app.example.com/thanks", "cancel_url": "https://app.example.com/",
    })
}

async fn uses(backend: &Backend, place: usize) -> Value {
    backend.get("/admin/billing/coupons").await.body["data"][place]["redemptions"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn of_50_who_want_the_last_use_at_once_one_gets_it() {
    on_both(async |setup: Setup| {
        let service = setup.start();
        let backend = Backend::of(&service);
        let last = |code: &str, kind: &str| {
            json!({ "code": code, "type": kind, "value": 25, "max_redemptions": 1, "max_per_account": null })
        };
        offers(&backend, last("credits", "credits")).await;
        offers(&backend, last("percent", "percent")).await;
        let redeem = |number| json!({ "account_id": format!("account-{number}"), "code": "credits" });
        one_got_it(&at_once(&backend, "/coupons/redeem", (0..MANY).map(redeem)).await);
        let pack = backend.pack().await;
        let buy = |number| checkout(&format!("account-{number}"), &pack, "percent");
        one_got_it(&at_once(&backend, "/payment/create-session", (0..MANY).map(buy)).await);
        for place in 0..2 {
            assert_eq!(uses(&backend, place).await, 1);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_code_leaves_is_paid_in_the_sandbox() {
    on_both(async |setup: Setup| {
        let service = setup.start();
        let backend = Backend::of(&service);
        offers(&backend, json!({ "code": "quarter", "type": "percent", "value": 25 })).await;
        offers(&backend, json!({ "code": "all", "type": "percent", "value": 100, "max_per_account": 2 }))
            .await;
        let pack = backend.pack().await;

        let opened = backend.post("/payment/create-session", checkout("alice", &pack, "quarter")).await;
        let page = text(&opened.body["data"]["url"]);
        let html = backend.http.get(&page).send().await.unwrap().text().await.unwrap();
        assert!(html.contains("3.75 USD"), "{html}");
        backend.http.post(format!("{page}/pay")).send().await.unwrap();
        let order = format!("/orders/{}?account_id=alice", text(&opened.body["data"]["order_id"]));
        let paid = backend.until(async |backend| {
            let order = backend.get(&order).await.body["data"].clone();
            (order["status"] == "completed").then_some(order)
        });
        let paid = paid.await;
        assert_eq!((&paid["amount"], &paid["discount"]), (&json!(375), &json!(125)));
        assert_eq!(backend.balance("alice").await, 1000);

        let free = backend.post("/payment/create-session", checkout("alice", &pack, "all")).await;
        assert_eq!(free.body["data"]["url"], "https://app.example.com/thanks");
        assert_eq!(backend.balance("alice").await, 2000);

        // A plan's first period, with nothing to pay, brings its credits all the same.
        let plan = text(&backend.get("/subscription/plans").await.body["data"][1]["id"]);
        let mut wanted = checkout("alice", &pack, "all");
        wanted["type"] = json!("subscription");
        wanted["plan_id"] = json!(plan);
        wanted.as_object_mut().unwrap().remove("pack_id");
        let opened = backend.post("/payment/create-session", wanted).await;
        let page = text(&opened.body["data"]["url"]);
        backend.http.post(format!("{page}/pay")).send().await.unwrap();
        backend.until(async |backend| (backend.balance("alice").await == 12_000).then_some(())).await;
        assert_eq!((uses(&backend, 0).await, uses(&backend, 1).await), (json!(1), json!(2)));
    })
    .await;
}
