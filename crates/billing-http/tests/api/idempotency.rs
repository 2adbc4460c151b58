//! The same request under the same key is done once and answered again.

use actix_web::http::Method;
use billing_core::changes::Changes;
use billing_core::credentials::Scope;
use billing_testkit::builders::{a_pack, a_plan, a_subscription};
use serde_json::{Value, json};

use crate::common::World;

const CONSUME: &str = "/credits/consume";
const MANUAL: &str = "/admin/credits/manual";
const CHECKOUT: &str = "/payment/create-session";

async fn checkout(world: &World) -> Value {
    let pack = world.pack(a_pack("small", &*world.ids)).await;
    json!({
        "account_id": "ada", "channel": "stripe", "type": "credits", "pack_id": pack.id.to_string(),
        "success_url": "https://app.example.com/paid", "cancel_url": "https://app.example.com/",
    })
}

#[actix_web::test]
async fn a_spend_is_taken_once() {
    let world = World::new();
    world.give("ada", 100).await;
    let body = json!({ "account_id": "ada", "amount": 30 });
    let first = world.send(CONSUME, "k", &body).await;
    first.is_first();
    // What happened in between does not change what is answered again.
    world.send(CONSUME, "other", &json!({ "account_id": "ada", "amount": 5 })).await.data();
    world.clock.advance(365 * 86_400);
    world.send(CONSUME, "k", &body).await.repeats(&first);
    let balance = world.operator(Method::GET, "/credits/balance?account_id=ada").send().await;
    assert_eq!(balance.data()["balance"], 65);
}

#[actix_web::test]
async fn an_adjustment_is_made_once() {
    let world = World::new();
    for amount in [40, -15] {
        let body = json!({ "account_id": "ada", "amount": amount, "reason": "why" });
        let key = format!("k{amount}");
        let first = world.send(MANUAL, &key, &body).await;
        first.is_first();
        world.send(MANUAL, &key, &body).await.repeats(&first);
    }
    let balance = world.operator(Method::GET, "/credits/balance?account_id=ada").send().await;
    assert_eq!(balance.data()["balance"], 25);
}

#[actix_web::test]
async fn a_subscription_is_changed_once() {
    let world = World::new();
    let account = world.account("ada").await;
    let plan = world.plan(a_plan("standard", &*world.ids)).await;
    let subscription = a_subscription(account.id, &plan, "sub_1", &*world.ids);
    let operators = format!("/admin/billing/subscriptions/{}/cancel", subscription.id);
    world.commit(Changes { subscriptions: vec![subscription], ..Changes::default() }).await;
    let ada = json!({ "account_id": "ada" });
    let changes = [
        ("/subscription/pause", &ada),
        ("/subscription/resume", &ada),
        ("/subscription/cancel", &ada),
        ("/subscription/resume", &ada),
        (operators.as_str(), &json!({})),
    ];
    for (number, (path, body)) in changes.into_iter().enumerate() {
        let key = format!("k{number}");
        let first = world.send(path, &key, body).await;
        first.is_first();
        world.send(path, &key, body).await.repeats(&first);
        assert_eq!(world.provider.asked_changes().len(), number + 1);
    }
    world.send("/v1/billing/subscription/pause", "k1", &ada).await.is(422, "idempotency_key_reused");
    world.send("/subscription/cancel", "k0", &ada).await.is(422, "idempotency_key_reused");
}

#[actix_web::test]
async fn adjustments_without_a_key_are_two_wishes() {
    let world = World::new();
    let body = json!({ "account_id": "ada", "amount": 40, "reason": "why" });
    for balance in [40, 80] {
        let answer = world.operator(Method::POST, MANUAL).json(&body).send().await;
        answer.is_first();
        assert_eq!(answer.data()["balance"], balance);
    }
}

#[actix_web::test]
async fn a_checkout_is_opened_once() {
    let world = World::new();
    let body = checkout(&world).await;
    let first = world.send(CHECKOUT, "k", &body).await;
    first.is_first();
    world.send(CHECKOUT, "k", &body).await.repeats(&first);
    assert_eq!(world.provider.asked_checkouts().len(), 1);
    // An impatient buyer who sends no key is not sent to two checkouts either.
    let unnamed = async || world.operator(Method::POST, CHECKOUT).json(&body).send().await;
    let one = unnamed().await;
    unnamed().await.repeats(&one);
    let other = world.send(CHECKOUT, "k2", &body).await;
    other.is_first();
    assert_ne!(other.data()["order_id"], first.data()["order_id"]);
}

#[actix_web::test]
async fn a_checkout_that_the_provider_lost_is_taken_up_again_under_the_same_key() {
    let world = World::new();
    let body = checkout(&world).await;
    let lost =
        || billing_core::ports::ProviderError::Unknown { message: "reset".to_owned(), request_id: None };
    world.provider.answer_checkout(Err(lost()));
    world.send(CHECKOUT, "k", &body).await.is(502, "provider_unavailable");
    let answer = world.send(CHECKOUT, "k", &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let asked = world.provider.asked_checkouts();
    assert_eq!((asked.len(), asked[0].order), (2, asked[1].order), "both ask for one order");
}

#[actix_web::test]
async fn another_request_under_a_used_key_is_refused() {
    let world = World::new();
    world.give("ada", 100).await;
    let body = json!({ "account_id": "ada", "amount": 30, "type": "ai_usage" });
    world.send(CONSUME, "k", &body).await.is_first();
    let before = world.snapshot(&["ada"]).await;
    for (name, value) in [
        ("amount", json!(31)),
        ("type", json!("other")),
        ("description", json!("words")),
        ("metadata", json!({ "a": "b" })),
    ] {
        let mut other = body.clone();
        other[name] = value;
        world.send(CONSUME, "k", &other).await.is(422, "idempotency_key_reused");
    }
    // Another operation under the key of a spend is another request, too.
    let manual = json!({ "account_id": "ada", "amount": 30, "reason": "why" });
    world.send(MANUAL, "k", &manual).await.is(422, "idempotency_key_reused");
    assert_eq!(world.snapshot(&["ada"]).await, before);

    let mut order = checkout(&world).await;
    world.send(CHECKOUT, "buy", &order).await.is_first();
    order["cancel_url"] = json!("https://app.example.com/elsewhere");
    world.send(CHECKOUT, "buy", &order).await.is(422, "idempotency_key_reused");
}

#[actix_web::test]
async fn a_refusal_leaves_the_key_free() {
    let world = World::new();
    world.give("ada", 10).await;
    let spend = |amount: i64| json!({ "account_id": "ada", "amount": amount });
    world.send(CONSUME, "k", &spend(11)).await.is(402, "insufficient_credits");
    world.send(CONSUME, "k", &spend(0)).await.is(400, "invalid_amount");
    world.send(CONSUME, "k", &json!({ "account_id": "ada" })).await.is(400, "invalid_request");
    world.ask(Method::POST, CONSUME).key("k").json(&spend(5)).send().await.is(401, "unauthorized");
    world.send(CONSUME, "k", &spend(5)).await.is_first();
    // The same request that was refused succeeds once there is enough.
    world.send(CONSUME, "later", &spend(6)).await.is(402, "insufficient_credits");
    world.give("ada", 10).await;
    world.send(CONSUME, "later", &spend(6)).await.is_first();
}

#[actix_web::test]
async fn a_quoted_key_is_the_same_key() {
    let world = World::new();
    world.give("ada", 10).await;
    let body = json!({ "account_id": "ada", "amount": 3 });
    let first = world.send(CONSUME, "abc", &body).await;
    world.send(CONSUME, "\"abc\"", &body).await.repeats(&first);
    world.send(CONSUME, "ABC", &body).await.is_first();
}

#[actix_web::test]
async fn a_body_that_says_the_same_in_another_spelling_is_the_same_request() {
    let world = World::new();
    world.give("ada", 10).await;
    let send = async |body: &str| {
        let body = body.to_owned();
        world
            .operator(Method::POST, CONSUME)
            .key("k")
            .raw("application/json; charset=utf-8", body)
            .send()
            .await
    };
    let first = send(r#"{"account_id":"ada","amount":3,"metadata":{"a":"1","b":"ü"}}"#).await;
    first.is_first();
    for same in [
        r#"{"amount":3,"metadata":{"b":"ü","a":"1"},"account_id":"ada"}"#,
        "\r\n{ \"account_id\" : \"ada\",\n\t\"amount\": 3, \"metadata\": {\"a\":\"1\",\"b\":\"\\u00fc\"} }\n",
    ] {
        send(same).await.repeats(&first);
    }
    send(r#"{"account_id":"ada","amount":3,"metadata":{"a":"1","b":"u"}}"#)
        .await
        .is(422, "idempotency_key_reused");
}

#[actix_web::test]
async fn a_key_belongs_to_its_account() {
    let world = World::new();
    for name in ["ada", "eve"] {
        world.give(name, 10).await;
        let key = world.key_of(name, &[Scope::CreditsWrite]).await;
        let spend = world.ask(Method::POST, CONSUME).bearer(&key).key("k").json(&json!({ "amount": 3 }));
        spend.send().await.is_first();
    }
}
