//! Giving a spend back.

use actix_web::http::Method;
use billing_core::credentials::Scope;
use serde_json::{Value, json};

use super::{CONSUME, GRANTS};
use crate::common::shapes::{closed, success, text, whole};
use crate::common::{Answer, World, matches_schema};

async fn spent(world: &World, key: &str, amount: i64) -> String {
    let body = json!({ "account_id": "ada", "amount": amount });
    let data = world.send(CONSUME, key, &body).await.is_first();
    format!("/credits/transactions/{}/reverse", data["transaction_id"].as_str().unwrap())
}

async fn reverse(world: &World, path: &str, key: &str, amount: Option<i64>) -> Answer {
    let body = amount.map_or_else(|| json!({}), |amount| json!({ "amount": amount }));
    world.send(path, key, &body).await
}

#[actix_web::test]
async fn a_spend_is_given_back_in_parts_and_never_more_than_it_took() {
    let world = World::new();
    world.give("ada", 100).await;
    let path = spent(&world, "s", 30).await;
    let part = reverse(&world, &path, "r1", Some(10)).await;
    let schema = closed(json!({ "transaction_id": text(), "amount": whole(), "balance": whole() }));
    matches_schema(&part.json(), &success(schema));
    assert_eq!((&part.is_first()["amount"], &part.data()["balance"]), (&json!(10), &json!(80)));
    let much = reverse(&world, &path, "r2", Some(21)).await;
    much.is(409, "already_reversed");
    assert_eq!(much.details(), json!({ "required": 21, "remaining": 20 }));
    assert_eq!(reverse(&world, &path, "r2", None).await.is_first()["amount"], 20);
    let none = reverse(&world, &path, "r3", None).await;
    none.is(409, "already_reversed");
    assert_eq!(none.details(), json!({ "required": 1, "remaining": 0 }));
    for amount in [0, -1] {
        reverse(&world, &path, "r3", Some(amount)).await.is(400, "invalid_amount");
    }
    reverse(&world, &path, "r1", Some(10)).await.repeats(&part);
    reverse(&world, &path, "r1", Some(9)).await.is(422, "idempotency_key_reused");
    assert_eq!(world.balance("ada").await, (100, 0));
}

#[actix_web::test]
async fn a_reversal_needs_no_body() {
    let world = World::new();
    world.give("ada", 10).await;
    let path = spent(&world, "s", 4).await;
    let bare = || world.operator(Method::POST, &path).key("r").send();
    let first = bare().await;
    assert_eq!(first.is_first()["amount"], 4);
    bare().await.repeats(&first);
    // Nothing said and an object that says nothing are one request.
    world.send(&path, "r", &json!({})).await.repeats(&first);
}

#[actix_web::test]
async fn a_spend_of_credits_that_are_gone_comes_back_for_a_while() {
    let world = World::new();
    let grant = json!({ "account_id": "ada", "amount": 10, "expires_at": "2026-04-15T13:00:00Z" });
    world.send(GRANTS, "g", &grant).await.is_first();
    let path = spent(&world, "s", 10).await;
    world.clock.advance(3600);
    assert_eq!(reverse(&world, &path, "r", None).await.is_first()["balance"], 10);
    let balance = world.operator(Method::GET, "/credits/balance?account_id=ada").send().await.data();
    assert_eq!(balance["expiring"], json!([{ "amount": 10, "at": "2026-05-15T13:00:00Z" }]));
}

#[actix_web::test]
async fn only_spends_can_be_given_back() {
    let world = World::new();
    world.give("ada", 10).await;
    let history = world.operator(Method::GET, "/credits/transactions?account_id=ada").send().await.data();
    let given = format!("/credits/transactions/{}/reverse", history[0]["id"].as_str().unwrap());
    reverse(&world, &given, "r", None).await.is(409, "not_reversible");
    let spend = spent(&world, "s", 5).await;
    let reversal = reverse(&world, &spend, "r", None).await.is_first();
    let path = format!("/credits/transactions/{}/reverse", reversal["transaction_id"].as_str().unwrap());
    reverse(&world, &path, "r2", None).await.is(409, "not_reversible");
}

#[actix_web::test]
async fn another_accounts_transaction_is_as_unknown_as_one_that_never_was() {
    let world = World::new();
    world.give("ada", 10).await;
    world.give("eve", 10).await;
    let path = spent(&world, "s", 5).await;
    let never = format!("/credits/transactions/txn_{}/reverse", "0".repeat(32));
    let eve = world.key_of("eve", &[Scope::CreditsWrite]).await;
    let before = world.snapshot(&["ada", "eve"]).await;
    let mut told: Vec<Value> = Vec::new();
    for path in [&path, &never] {
        let answer = world.send_as(&eve, path, "r", &json!({})).await;
        answer.is(404, "transaction_not_found");
        told.push(answer.message().replace(path.split('/').nth(3).unwrap(), "it").into());
        world.send_as(&eve, path, "r", &json!({ "account_id": "ada" })).await.is(403, "forbidden");
        world.send(path, "r", &json!({ "account_id": "eve" })).await.is(404, "transaction_not_found");
    }
    assert_eq!(told[0], told[1]);
    world.send(&never, "r", &json!({})).await.is(404, "transaction_not_found");
    for text in ["nonsense", "grant_00000000000000000000000000000001"] {
        let path = format!("/credits/transactions/{text}/reverse");
        world.send(&path, "r", &json!({})).await.is(404, "transaction_not_found");
    }
    assert_eq!(world.snapshot(&["ada", "eve"]).await, before);
}

#[actix_web::test]
async fn a_key_used_for_one_transaction_is_not_free_for_another() {
    let world = World::new();
    world.give("ada", 10).await;
    let (one, two) = (spent(&world, "s1", 2).await, spent(&world, "s2", 2).await);
    reverse(&world, &one, "r", None).await.is_first();
    reverse(&world, &two, "r", None).await.is(422, "idempotency_key_reused");
    world.operator(Method::POST, &two).json(&json!({})).send().await.is(400, "idempotency_key_required");
}
