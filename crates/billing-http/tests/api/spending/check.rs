//! Asking before spending.

use actix_web::http::Method;
use billing_core::credentials::Scope;
use serde_json::{Value, json};

use super::{CHECK, CONSUME, free, meters, tokens};
use crate::common::shapes::{closed, success, text_or_null, whole, yes_or_no};
use crate::common::{World, matches_schema};

async fn check(world: &World, body: Value) -> Value {
    world.operator(Method::POST, CHECK).json(&body).send().await.data()
}

#[actix_web::test]
async fn a_check_says_what_a_spend_would_be_told_and_takes_nothing() {
    let world = World::new();
    world.give("ada", 10).await;
    world.rates(meters()).await;
    let key = world.key(&[Scope::CreditsWrite]).await;
    let before = world.snapshot(&["ada"]).await;
    let answer = world.post(&key, CHECK, &json!({ "account_id": "ada", "amount": 10 })).await;
    let schema = closed(json!({
        "allowed": yes_or_no(), "reason": text_or_null(), "required": whole(), "balance": whole(),
        "held": whole(), "overdraft_limit": whole(),
    }));
    matches_schema(&answer.json(), &success(schema));
    assert_eq!(
        answer.data(),
        json!({ "allowed": true, "reason": null, "required": 10, "balance": 10, "held": 0, "overdraft_limit": 0 })
    );
    let much = check(&world, json!({ "account_id": "ada", "amount": 11 })).await;
    assert_eq!((&much["allowed"], &much["reason"]), (&json!(false), &json!("insufficient_credits")));
    // A fraction may make a credit with what is carried.
    let usage = check(&world, json!({ "account_id": "ada", "usage": tokens(1100) })).await;
    assert_eq!((&usage["allowed"], &usage["required"]), (&json!(true), &json!(4)));
    let free = check(&world, json!({ "account_id": "ada", "usage": free() })).await;
    assert_eq!((&free["allowed"], &free["required"]), (&json!(true), &json!(0)));
    assert_eq!(world.snapshot(&["ada"]).await, before);
}

#[actix_web::test]
async fn a_check_knows_holds_overdrafts_expiry_and_closed_accounts() {
    let world = World::new();
    let grant = json!({ "account_id": "ada", "amount": 10, "expires_at": "2026-04-15T13:00:00Z" });
    world.send("/credits/grants", "g", &grant).await.is_first();
    world.send("/credits/holds", "h", &json!({ "account_id": "ada", "amount": 4 })).await.is_first();
    let ask = json!({ "account_id": "ada", "amount": 7 });
    let held = check(&world, ask.clone()).await;
    assert_eq!((&held["allowed"], &held["balance"], &held["held"]), (&json!(false), &json!(6), &json!(4)));
    let put = async |body: Value| {
        world.operator(Method::PUT, "/accounts/ada").json(&body).send().await.data();
    };
    put(json!({ "overdraft_limit": 1 })).await;
    let over = check(&world, ask.clone()).await;
    assert_eq!((&over["allowed"], &over["overdraft_limit"]), (&json!(true), &json!(1)));
    world.clock.advance(3600);
    let expired = check(&world, ask.clone()).await;
    assert_eq!(
        (&expired["allowed"], &expired["balance"], &expired["held"]),
        (&json!(false), &json!(0), &json!(0))
    );
    put(json!({ "overdraft_limit": 100, "credits_enabled": false })).await;
    let off = check(&world, ask.clone()).await;
    assert_eq!((&off["allowed"], &off["reason"]), (&json!(false), &json!("credits_disabled")));
    world.send(CONSUME, "k", &ask).await.is(409, "credits_disabled");
}

#[actix_web::test]
async fn what_no_spend_may_say_no_check_may_say() {
    let world = World::new();
    world.give("ada", 10).await;
    world.rates(meters()).await;
    for (body, status, code) in [
        (json!({ "account_id": "nobody", "amount": 1 }), 404, "account_not_found"),
        (json!({ "account_id": "ada", "amount": 0 }), 400, "invalid_amount"),
        (json!({ "account_id": "ada", "amount": -1 }), 400, "invalid_amount"),
        (json!({ "account_id": "ada", "amount": 9_007_199_254_740_992_i64 }), 400, "invalid_amount"),
        (json!({ "account_id": "ada" }), 400, "invalid_request"),
        (json!({ "account_id": "ada", "usage": { "meter": "video" } }), 400, "unknown_meter"),
        (json!({ "amount": 1 }), 400, "account_required"),
    ] {
        world.operator(Method::POST, CHECK).json(&body).send().await.is(status, code);
    }
    let bound = world.key_of("bob", &[Scope::CreditsWrite]).await;
    world.post(&bound, CHECK, &json!({ "account_id": "ada", "amount": 1 })).await.is(403, "forbidden");
    assert_eq!(world.post(&bound, CHECK, &json!({ "amount": 1 })).await.data()["allowed"], false);
}
