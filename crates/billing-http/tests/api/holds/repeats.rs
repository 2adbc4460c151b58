//! Each step of a hold is done once.

use actix_web::http::Method;
use serde_json::json;

use super::{HOLDS, held};
use crate::common::World;

#[actix_web::test]
async fn each_step_is_done_once_and_answered_again_as_it_was() {
    let world = World::new();
    world.give("ada", 100).await;
    let body = json!({ "account_id": "ada", "amount": 50 });
    let first = world.send(HOLDS, "h", &body).await;
    let path = format!("{HOLDS}/{}", first.is_first()["hold_id"].as_str().unwrap());
    let steps = [
        ("extend", "e", json!({ "expires_in_seconds": 600 })),
        ("capture", "c", json!({ "amount": 20 })),
        ("release", "r", json!({})),
    ];
    let mut answers = Vec::new();
    for (step, key, body) in &steps {
        let answer = world.send(&format!("{path}/{step}"), key, body).await;
        answer.is_first();
        answers.push(answer);
        world.clock.advance(10);
    }
    world.clock.advance(86_400);
    let current = world.send(HOLDS, "h", &body).await.repeats_hold(&first);
    assert_eq!((&current["status"], &current["captured"]), (&json!("released"), &json!(20)));
    for ((step, key, body), answer) in steps.iter().zip(&answers) {
        let again = world.send(&format!("{path}/{step}"), key, body).await;
        assert_eq!(again.repeats_hold(answer), current);
    }
    assert_eq!(world.balance("ada").await, (80, 0));
}

#[actix_web::test]
async fn a_key_is_for_one_request_on_one_hold() {
    let world = World::new();
    world.give("ada", 100).await;
    let (one, two) = (held(&world, "h1", 10).await, held(&world, "h2", 10).await);
    let capture = json!({ "amount": 4 });
    world.send(&format!("{one}/capture"), "c", &capture).await.is_first();
    for (path, body) in [
        (format!("{two}/capture"), capture.clone()),
        (format!("{one}/capture"), json!({ "amount": 5 })),
        (format!("{one}/capture"), json!({ "amount": 4, "final": true })),
        (format!("{one}/release"), json!({})),
        (format!("{one}/extend"), json!({ "expires_in_seconds": 60 })),
        (HOLDS.to_owned(), json!({ "account_id": "ada", "amount": 4 })),
        ("/credits/consume".to_owned(), json!({ "account_id": "ada", "amount": 4 })),
    ] {
        world.send(&path, "c", &body).await.is(422, "idempotency_key_reused");
    }
    assert_eq!(world.balance("ada").await, (80, 16));
}

#[actix_web::test]
async fn a_refusal_leaves_the_key_free() {
    let world = World::new();
    world.give("ada", 10).await;
    let body = json!({ "account_id": "ada", "amount": 12 });
    world.send(HOLDS, "k", &body).await.is(402, "insufficient_credits");
    world.give("ada", 2).await;
    let path =
        format!("{HOLDS}/{}", world.send(HOLDS, "k", &body).await.is_first()["hold_id"].as_str().unwrap());
    world
        .send(&format!("{path}/capture"), "c", &json!({ "amount": 13 }))
        .await
        .is(402, "insufficient_credits");
    world.send(&format!("{path}/capture"), "c", &json!({ "amount": 1 })).await.is_first();
    for step in ["capture", "release", "extend"] {
        let body = if step == "extend" { json!({ "expires_in_seconds": 60 }) } else { json!({}) };
        let bare = world.operator(Method::POST, &format!("{path}/{step}")).json(&body).send().await;
        bare.is(400, "idempotency_key_required");
    }
    world.operator(Method::POST, HOLDS).json(&body).send().await.is(400, "idempotency_key_required");
}
