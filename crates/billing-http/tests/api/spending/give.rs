//! Giving.

use actix_web::http::Method;
use billing_core::credentials::Scope;
use serde_json::{Value, json};

use super::{CONSUME, GRANTS};
use crate::common::shapes::{closed, moment, success, text, whole};
use crate::common::{World, matches_schema};

fn grant(fields: &Value) -> Value {
    let mut body = json!({ "account_id": "ada", "amount": 10 });
    body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    body
}

async fn spend(world: &World, key: &str, amount: i64) {
    world.send(CONSUME, key, &json!({ "account_id": "ada", "amount": amount })).await.is_first();
}

async fn buckets(world: &World) -> Value {
    world.operator(Method::GET, "/credits/balance?account_id=ada").send().await.data()["buckets"].clone()
}

#[actix_web::test]
async fn credits_are_given_from_each_source_and_counted_in_its_bucket() {
    let world = World::new();
    let schema = closed(json!({
        "grant_id": text(), "amount": whole(), "balance": whole(), "effective_at": moment(),
        "expires_at": { "type": ["string", "null"], "format": "date-time" },
    }));
    let sources = ["plan", "purchase", "bonus", "check_in", "gift", "promo", "refund", "manual"];
    for (count, source) in (1..).zip(sources) {
        let answer = world.send(GRANTS, source, &grant(&json!({ "source": source }))).await;
        matches_schema(&answer.json(), &success(schema.clone()));
        assert_eq!(answer.is_first()["balance"], 10 * count);
    }
    assert_eq!(buckets(&world).await, json!({ "plan": 10, "purchased": 20, "bonus": 50 }));
    let refused = world.send(GRANTS, "k", &grant(&json!({ "source": "thin_air" }))).await;
    assert_eq!(refused.is(400, "invalid_request").details()["field"], "source");
}

#[actix_web::test]
async fn priority_and_expiry_say_which_credits_go_first() {
    let world = World::new();
    let end = json!("2026-05-01T00:00:00Z");
    for (key, fields) in [
        ("last", json!({ "source": "plan", "priority": 1, "expires_at": end })),
        ("second", json!({ "source": "purchase" })),
        ("first", json!({ "source": "bonus", "expires_at": end })),
    ] {
        world.send(GRANTS, key, &grant(&fields)).await.is_first();
    }
    spend(&world, "a", 10).await;
    assert_eq!(buckets(&world).await, json!({ "plan": 10, "purchased": 10, "bonus": 0 }));
    spend(&world, "b", 5).await;
    assert_eq!(buckets(&world).await, json!({ "plan": 10, "purchased": 5, "bonus": 0 }));
}

#[actix_web::test]
async fn credits_count_from_their_moment_on_and_go_at_their_end() {
    let world = World::new();
    let fields = json!({ "effective_at": "2026-04-15T13:00:00Z", "expires_at": "2026-04-15T14:00:00Z" });
    let given = world.send(GRANTS, "k", &grant(&fields)).await.is_first();
    assert_eq!((&given["balance"], &given["effective_at"]), (&json!(0), &json!("2026-04-15T13:00:00Z")));
    for (seconds, balance) in [(3599, 0), (1, 10), (3599, 10), (1, 0)] {
        world.clock.advance(seconds);
        assert_eq!(world.balance("ada").await, (balance, 0));
    }
}

#[actix_web::test]
async fn what_rolls_over_lives_on_up_to_its_cap() {
    let world = World::new();
    let rollover = json!({ "cap": 6, "until": "2026-04-15T15:00:00Z" });
    let fields = json!({ "expires_at": "2026-04-15T13:00:00Z", "rollover": rollover });
    world.send(GRANTS, "k", &grant(&fields)).await.is_first();
    spend(&world, "s", 1).await;
    world.clock.advance(3600);
    assert_eq!(world.balance("ada").await, (6, 0));
    spend(&world, "t", 2).await;
    world.clock.advance(7200);
    assert_eq!(world.balance("ada").await, (0, 0));
}

#[actix_web::test]
async fn credits_are_given_once() {
    let world = World::new();
    let body = grant(&json!({ "expires_at": "2026-04-15T13:00:00Z", "metadata": { "campaign": "spring" } }));
    let first = world.send(GRANTS, "k", &body).await;
    first.is_first();
    spend(&world, "s", 3).await;
    world.send(GRANTS, "k", &body).await.repeats(&first);
    world.clock.advance(86_400);
    world.send(GRANTS, "k", &body).await.repeats(&first);
    world.send(GRANTS, "k", &grant(&json!({ "amount": 11 }))).await.is(422, "idempotency_key_reused");
    world
        .send(CONSUME, "k", &json!({ "account_id": "ada", "amount": 1 }))
        .await
        .is(422, "idempotency_key_reused");
    world.operator(Method::POST, GRANTS).json(&body).send().await.is(400, "idempotency_key_required");
}

#[actix_web::test]
async fn a_grant_that_makes_no_sense_is_refused_and_makes_no_account() {
    let world = World::new();
    for (fields, code, field) in [
        (json!({ "amount": 0 }), "invalid_amount", ""),
        (json!({ "amount": -1 }), "invalid_amount", ""),
        (json!({ "amount": 9_007_199_254_740_992_i64 }), "invalid_amount", ""),
        (json!({ "expires_at": "2026-04-15T12:00:00Z" }), "invalid_expiry", ""),
        (
            json!({ "effective_at": "2026-05-01T00:00:00Z", "expires_at": "2026-04-30T00:00:00Z" }),
            "invalid_expiry",
            "",
        ),
        (json!({ "rollover": { "cap": 1, "until": "2026-05-01T00:00:00Z" } }), "invalid_rollover", ""),
        (
            json!({ "expires_at": "2026-05-01T00:00:00Z", "rollover": { "cap": 1, "until": "2026-05-01T00:00:00Z" } }),
            "invalid_rollover",
            "",
        ),
        (json!({ "expires_at": "tomorrow" }), "invalid_request", "expires_at"),
        (json!({ "effective_at": "2026-05-01" }), "invalid_request", "effective_at"),
        (json!({ "priority": 40_000 }), "invalid_request", "priority"),
        (json!({ "priority": "high" }), "invalid_request", "priority"),
        (json!({ "late_usage_seconds": -1 }), "invalid_request", "late_usage_seconds"),
        (json!({ "rollover": { "until": "2026-05-01T00:00:00Z" } }), "invalid_request", "rollover.cap"),
        (
            json!({ "rollover": { "cap": 0, "until": "2026-05-01T00:00:00Z" } }),
            "invalid_request",
            "rollover.cap",
        ),
        (
            json!({ "rollover": { "cap": -5, "until": "2026-05-01T00:00:00Z" } }),
            "invalid_request",
            "rollover.cap",
        ),
        (json!({ "rollover": { "cap": 1, "until": "later" } }), "invalid_request", "rollover.until"),
        (json!({ "description": "x".repeat(501) }), "invalid_request", "description"),
        (json!({ "metadata": { "": "x" } }), "invalid_request", "metadata"),
        (json!({ "business_key": "order:1:pack" }), "invalid_request", "business_key"),
    ] {
        let answer = world.send(GRANTS, "k", &grant(&fields)).await;
        answer.is(400, code);
        if !field.is_empty() {
            assert_eq!(answer.details()["field"], field, "{}", answer.text());
        }
        assert!(!answer.message().contains("something else"), "{}", answer.message());
        world.operator(Method::GET, "/accounts/ada").send().await.is(404, "account_not_found");
    }
    world.send(GRANTS, "k", &grant(&json!({}))).await.is_first();
}

#[actix_web::test]
async fn a_bound_key_gives_to_its_own_account_alone() {
    let world = World::new();
    let spender = world.key_of("ada", &[Scope::CreditsWrite]).await;
    world.send_as(&spender, GRANTS, "k", &json!({ "amount": 5 })).await.is(403, "forbidden");
    let key = world.key_of("ada", &[Scope::CreditsGrant]).await;
    assert_eq!(world.send_as(&key, GRANTS, "k", &json!({ "amount": 5 })).await.is_first()["balance"], 5);
    let other = json!({ "account_id": "eve", "amount": 5 });
    world.send_as(&key, GRANTS, "k2", &other).await.is(403, "forbidden");
    world.operator(Method::GET, "/accounts/eve").send().await.is(404, "account_not_found");
}

#[actix_web::test]
async fn a_repetition_answers_the_grant_as_it_was_made() {
    let world = World::new();
    let body = grant(&json!({ "expires_at": "2026-05-01T00:00:00Z" }));
    let first = world.send(GRANTS, "k", &body).await;
    let path = format!("/admin/credits/grants/{}/extend", first.is_first()["grant_id"].as_str().unwrap());
    world.send(&path, "e", &json!({ "expires_at": "2026-06-01T00:00:00Z" })).await.data();
    world.send(GRANTS, "k", &body).await.repeats(&first);
}

#[actix_web::test]
async fn the_number_of_a_payment_card_is_not_kept_and_an_id_is() {
    let world = World::new();
    world.give("ada", 10).await;
    for (fields, field) in [
        (json!({ "description": "card 4111 1111 1111 1111" }), "description"),
        (json!({ "metadata": { "card": "4111111111111111" } }), "metadata.card"),
        (json!({ "metadata": { "note": "5555-5555-5555-4444" } }), "metadata.note"),
    ] {
        let answer = world.send(GRANTS, "k", &grant(&fields)).await;
        assert_eq!(answer.is(400, "invalid_request").details()["field"], field);
    }
    let ids = json!({ "description": "Order 4111111111111111", "metadata": { "order": "4111111111111111" } });
    world.send(GRANTS, "k", &grant(&ids)).await.is_first();
}
