//! Spending.

use actix_web::http::Method;
use serde_json::{Value, json};

use super::{CONSUME, GRANTS, free, meters, tokens};
use crate::common::shapes::{closed, success, text, text_or_null, whole};
use crate::common::{World, matches_schema};

#[actix_web::test]
async fn a_partial_spend_takes_what_is_there() {
    let world = World::new();
    world.give("ada", 30).await;
    let body = json!({ "account_id": "ada", "amount": 50, "partial": true });
    let taken = world.send(CONSUME, "k", &body).await;
    let data = taken.is_first();
    assert_eq!((&data["spent"], &data["balance"]), (&json!(30), &json!(0)));
    world.send(CONSUME, "k", &body).await.repeats(&taken);
    // Of nothing there is no part.
    let refused = world.send(CONSUME, "k2", &body).await;
    refused.is(402, "insufficient_credits");
    assert_eq!(refused.details(), json!({ "required": 50, "available": 0, "held": 0 }));
    // All or nothing is another request than what is there.
    let whole = json!({ "account_id": "ada", "amount": 50 });
    world.send(CONSUME, "k", &whole).await.is(422, "idempotency_key_reused");
}

#[actix_web::test]
async fn usage_is_priced_by_the_rate_card_and_its_fraction_is_carried() {
    let world = World::new();
    world.give("ada", 100).await;
    world.rates(meters()).await;
    let schema = closed(json!({
        "transaction_id": text_or_null(), "spent": whole(), "balance": whole(), "uncovered": whole(),
        "usage_id": text(), "usages": { "type": "array" },
    }));
    let mut seen = Vec::new();
    for count in 0..4 {
        // 0.9 credits each: 0, then 1.8, 2.7 and 3.6.
        let body = json!({ "account_id": "ada", "usage": tokens(300), "type": "chat" });
        let answer = world.send(CONSUME, &format!("k{count}"), &body).await;
        matches_schema(&answer.json(), &success(schema.clone()));
        let data = answer.is_first();
        assert_eq!(data["transaction_id"].is_null(), data["spent"] == 0);
        seen.push(data["spent"].as_i64().unwrap());
        world.send(CONSUME, &format!("k{count}"), &body).await.repeats(&answer);
    }
    assert_eq!(seen, [0, 1, 1, 1]);
    let image = json!({ "account_id": "ada", "usage": { "meter": "image" } });
    assert_eq!(world.send(CONSUME, "image", &image).await.is_first()["spent"], 3);
    let free = json!({ "account_id": "ada", "usage": free() });
    let free = world.send(CONSUME, "free", &free).await.is_first();
    assert_eq!(
        (&free["transaction_id"], &free["spent"], &free["balance"]),
        (&json!(null), &json!(0), &json!(94))
    );
    assert_eq!(free["usages"][0]["price"], "0");
}

#[actix_web::test]
async fn usage_that_cannot_be_priced_takes_nothing_and_leaves_the_key_free() {
    let world = World::new();
    world.give("ada", 100).await;
    let body = json!({ "account_id": "ada", "usage": tokens(1000) });
    world.send(CONSUME, "k", &body).await.is(404, "no_rate_card");
    world.rates(meters()).await;
    let unknown = json!({ "account_id": "ada", "usage": { "meter": "video" } });
    world.send(CONSUME, "k", &unknown).await.is(400, "unknown_meter");
    let first = world.send(CONSUME, "k", &body).await;
    assert_eq!(first.is_first()["spent"], 3);
    // What was carried out is answered again also once its meter is gone.
    world.rates(json!([{ "name": "other", "per_call": 1 }])).await;
    world.send(CONSUME, "k", &body).await.repeats(&first);
    world.send(CONSUME, "k2", &body).await.is(400, "unknown_meter");
}

#[actix_web::test]
async fn usage_reported_late_is_priced_by_what_was_in_force_when_it_happened() {
    let world = World::new();
    world.give("ada", 100).await;
    world.rates(meters()).await;
    world.clock.advance(3600);
    let dear = json!([{ "name": "chat", "rates": [{ "quantity": "tokens", "credits": 30, "per": 1000 }] }]);
    world.rates(dear).await;
    let spend = async |key: &str, occurred_at: Value| {
        let body = json!({ "account_id": "ada", "usage": tokens(1000), "occurred_at": occurred_at });
        world.send(CONSUME, key, &body).await
    };
    assert_eq!(spend("now", json!("2026-04-15T13:00:00Z")).await.is_first()["spent"], 30);
    assert_eq!(spend("late", json!("2026-04-15T14:30:00+02:00")).await.is_first()["spent"], 3);
    spend("early", json!("2026-04-15T11:59:59Z")).await.is(404, "no_rate_card");
    spend("later", json!("2026-04-15T13:00:01Z")).await.is(400, "invalid_occurred_at");
    for value in [json!("yesterday"), json!("2026-04-15")] {
        assert_eq!(spend("bad", value).await.is(400, "invalid_request").details()["field"], "occurred_at");
    }
}

#[actix_web::test]
async fn late_usage_draws_on_what_has_expired_since_while_its_grace_lasts() {
    let world = World::new();
    let grant = json!({
        "account_id": "ada", "amount": 50, "expires_at": "2026-04-15T13:00:00Z", "late_usage_seconds": 600,
    });
    world.send(GRANTS, "g", &grant).await.is_first();
    world.clock.advance(3600);
    assert_eq!(world.balance("ada").await, (0, 0));
    let spend = async |key: &str, occurred_at: &str| {
        let body = json!({ "account_id": "ada", "amount": 20, "occurred_at": occurred_at });
        world.send(CONSUME, key, &body).await
    };
    spend("after", "2026-04-15T13:00:00Z").await.is(402, "insufficient_credits");
    assert_eq!(spend("before", "2026-04-15T12:59:59Z").await.is_first()["spent"], 20);
    world.clock.advance(600);
    spend("too-late", "2026-04-15T12:59:59Z").await.is(402, "insufficient_credits");
    let expired = world.operator(Method::GET, "/credits/transactions?account_id=ada").send().await.data();
    assert_eq!((&expired[0]["type"], &expired[0]["amount"]), (&json!("expiry"), &json!(-30)));
    assert_eq!(expired[0]["created_at"], "2026-04-15T13:10:00Z");
}

#[actix_web::test]
async fn amount_and_usage_are_one_or_the_other() {
    let world = World::new();
    world.give("ada", 10).await;
    for (body, field) in [
        (json!({ "account_id": "ada" }), "amount"),
        (json!({ "account_id": "ada", "amount": 1, "usage": tokens(1) }), "usage"),
        (json!({ "account_id": "ada", "amount": null }), "amount"),
        (json!({ "account_id": "ada", "amount": 1, "partial": "yes" }), "partial"),
        (
            json!({ "account_id": "ada", "usage": { "meter": "chat", "quantities": { "tokens": 0.5 } } }),
            "usage.quantities.tokens",
        ),
    ] {
        let answer = world.send(CONSUME, "k", &body).await;
        assert_eq!(answer.is(400, "invalid_request").details()["field"], field, "{}", answer.text());
    }
}

#[actix_web::test]
async fn an_account_that_does_not_use_credits_or_is_frozen_spends_none() {
    let world = World::new();
    world.give("ada", 10).await;
    let spend = json!({ "account_id": "ada", "amount": 1 });
    let put = async |body: Value| {
        world.operator(Method::PUT, "/accounts/ada").json(&body).send().await.data();
    };
    put(json!({ "credits_enabled": false })).await;
    world.send(CONSUME, "k", &spend).await.is(409, "credits_disabled");
    put(json!({ "credits_enabled": true })).await;
    let mut account = world.account("ada").await;
    account.frozen = Some("an audit found something".to_owned());
    world.commit(billing_core::changes::Changes { accounts: vec![account], ..Default::default() }).await;
    world.send(CONSUME, "k", &spend).await.is(409, "account_frozen");
}
