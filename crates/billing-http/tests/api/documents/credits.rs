//! Credits, accounts and the envelope of errors.

use actix_web::http::Method;
use billing_core::credentials::Scope;
use billing_testkit::builders::an_external_id;
use serde_json::{Value, json};

use crate::common::shapes::{closed, list_of, listing, moment, success, text, whole};
use crate::common::{World, matches_schema, token_with};

fn entry() -> Value {
    json!({
        "id": text(), "type": text(), "amount": whole(), "description": text(), "created_at": moment(),
        "balance_after": whole(), "metadata": { "type": "object" },
    })
}

#[actix_web::test]
async fn balance() {
    let world = World::new();
    world.give("ada", 1500).await;
    let buckets = closed(json!({ "plan": whole(), "purchased": whole(), "bonus": whole() }));
    let expiring = list_of(closed(json!({ "amount": whole(), "at": moment() })));
    let schema = success(closed(json!({
        "balance": whole(), "held": whole(), "debt": whole(), "overdraft_limit": whole(),
        "buckets": buckets, "expiring": expiring,
    })));
    let key = world.key_of("ada", &[Scope::BillingRead]).await;
    let answer = world.get(&key, "/credits/balance").await;
    matches_schema(&answer.json(), &schema);
    assert_eq!(answer.data()["balance"], 1500);
    // Nobody has seen this account: it reads as empty, and reading does not make it.
    let stranger = token_with(json!({ "sub": "stranger" }));
    let before = world.snapshot(&["stranger"]).await;
    let answer = world.get(&stranger, "/credits/balance").await;
    matches_schema(&answer.json(), &schema);
    assert_eq!(answer.data()["balance"], 0);
    assert_eq!(world.snapshot(&["stranger"]).await, before);
}

#[actix_web::test]
async fn transactions() {
    let world = World::new();
    world.give("ada", 100).await;
    let key = world.key_of("ada", &[Scope::CreditsWrite]).await;
    let body = json!({
        "amount": 50, "type": "ai_usage", "description": "AI chat completion (gpt-4)",
        "metadata": { "model": "gpt-4" },
    });
    let spent = world.ask(Method::POST, "/credits/consume").bearer(&key).key("k").json(&body).send().await;
    matches_schema(
        &spent.json(),
        &success(closed(json!({
            "transaction_id": text(), "spent": whole(), "balance": whole(),
        }))),
    );

    let answer = world.get(&key, "/credits/transactions?limit=20&offset=0").await;
    matches_schema(&answer.json(), &listing(closed(entry())));
    let newest = &answer.data()[0];
    assert_eq!(newest["id"], spent.data()["transaction_id"]);
    assert_eq!(newest["type"], "ai_usage");
    assert_eq!(newest["amount"], -50);
    assert_eq!(newest["description"], "AI chat completion (gpt-4)");
    assert_eq!(newest["balance_after"], 50);
    assert_eq!(newest["metadata"], json!({ "model": "gpt-4" }));
    assert_eq!(newest["created_at"], "2026-04-15T12:00:00Z");

    let mut owned = entry();
    owned["account_id"] = text();
    owned["actor"] = text();
    let all = world.operator(Method::GET, "/admin/credits/transactions").send().await;
    matches_schema(&all.json(), &listing(closed(owned)));
    assert_eq!(all.data()[0]["account_id"], "ada");
}

#[actix_web::test]
async fn transactions_can_be_filtered() {
    let world = World::new();
    world.give("ada", 100).await;
    world.clock.advance(3600);
    world.give("ada", 5).await;
    let key = world.key_of("ada", &[Scope::CreditsWrite]).await;
    let spend = json!({ "amount": 7, "type": "ai_usage" });
    world.ask(Method::POST, "/credits/consume").bearer(&key).key("k").json(&spend).send().await.data();
    let amounts = async |query: &str| -> Vec<i64> {
        let answer = world.get(&key, &format!("/credits/transactions?{query}")).await;
        answer.data().as_array().unwrap().iter().map(|entry| entry["amount"].as_i64().unwrap()).collect()
    };
    assert_eq!(amounts("").await, [-7, 5, 100]);
    assert_eq!(amounts("type=ai_usage").await, [-7]);
    assert_eq!(amounts("type=nothing_of_the_kind").await, [0; 0]);
    assert_eq!(amounts("from=2026-04-15T13:00:00Z").await, [-7, 5]);
    assert_eq!(amounts("to=2026-04-15T13:00:00Z").await, [100]);
    assert_eq!(amounts("from=2026-04-15T14%3A00%3A00%2B01%3A00&type=adjustment&limit=1").await, [5]);
}

#[actix_web::test]
async fn manual_adjustments_give_and_take() {
    let world = World::new();
    let adjust = async |amount: i64| {
        let body = json!({ "account_id": "ada", "amount": amount, "reason": "An apology" });
        world.operator(Method::POST, "/admin/credits/manual").json(&body).send().await
    };
    let given = adjust(100).await;
    let schema = success(closed(json!({ "transaction_id": text(), "amount": whole(), "balance": whole() })));
    matches_schema(&given.json(), &schema);
    assert_eq!((&given.data()["amount"], &given.data()["balance"]), (&json!(100), &json!(100)));
    let taken = adjust(-30).await;
    matches_schema(&taken.json(), &schema);
    assert_eq!((&taken.data()["amount"], &taken.data()["balance"]), (&json!(-30), &json!(70)));
    let refused = adjust(-71).await;
    refused.is(402, "insufficient_credits");
    assert_eq!(refused.json()["error"]["details"], json!({ "required": 71, "available": 70, "held": 0 }));
}

#[actix_web::test]
async fn an_accounts_name_means_the_same_in_path_query_body_and_token() {
    let world = World::new();
    let backend = world.key(&[Scope::CreditsWrite, Scope::CreditsGrant]).await;
    for (name, encoded) in [
        ("ada+test@example.com", "ada%2Btest%40example.com"),
        ("auth0|5f7c", "auth0%7C5f7c"),
        ("org/7", "org%2F7"),
        ("50% off", "50%25%20off"),
        ("größe", "gr%C3%B6%C3%9Fe"),
    ] {
        let put = world.ask(Method::PUT, &format!("/accounts/{encoded}")).bearer(&backend);
        let put = put.json(&json!({ "name": "Ada" })).send().await;
        assert_eq!(put.data()["external_id"], name);
        world.give(name, 10).await;
        let balance = world.get(&backend, &format!("/credits/balance?account_id={encoded}")).await;
        assert_eq!(balance.data()["balance"], 10, "{name}");
        let spend = json!({ "account_id": name, "amount": 3 });
        world
            .ask(Method::POST, "/credits/consume")
            .bearer(&backend)
            .key("k")
            .json(&spend)
            .send()
            .await
            .data();
        let own = world.get(&token_with(json!({ "sub": name })), "/credits/balance").await;
        assert_eq!(own.data()["balance"], 7, "{name}");
        world.billing.account(&an_external_id(name)).await.unwrap();
    }
}

#[actix_web::test]
async fn errors_have_the_envelope_of_the_native_api() {
    let world = World::new();
    let mut error = json!({ "code": text(), "message": text() });
    let bare = closed(error.clone());
    error["details"] = json!({ "type": "object" });
    let detailed = closed(error);
    let body = |error: Value| {
        closed(json!({
            "success": { "const": false }, "error": error,
            "request_id": { "type": "string", "format": "uuid" },
        }))
    };
    for path in ["/credits/balance", "/nowhere"] {
        matches_schema(&world.ask(Method::GET, path).send().await.json(), &body(bare.clone()));
    }
    let limited = world.operator(Method::GET, "/admin/credits/transactions?limit=x").send().await;
    matches_schema(&limited.json(), &body(detailed));
    assert_eq!(limited.json()["request_id"], limited.header("X-Request-Id").unwrap());
}
