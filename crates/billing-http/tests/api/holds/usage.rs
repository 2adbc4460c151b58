//! Holds for usage, settled at the price at which they were placed.

use serde_json::{Value, json};

use super::{HOLDS, placed};
use crate::common::World;

/// Tokens at so many credits for 1,000.
fn tokens_at(credits: u32) -> Value {
    json!([
        { "name": "chat", "rates": [{ "quantity": "tokens", "credits": credits, "per": 1000 }] },
        { "name": "free", "rates": [{ "quantity": "calls", "credits": 0 }] },
    ])
}

fn tokens(count: u32) -> Value {
    json!({ "meter": "chat", "quantities": { "tokens": count } })
}

#[actix_web::test]
async fn a_hold_is_settled_at_the_price_at_which_it_was_placed() {
    let world = World::new();
    world.give("ada", 1000).await;
    world.rates(tokens_at(3)).await;
    let body = json!({ "account_id": "ada", "usage": tokens(10_100) });
    let first = world.send(HOLDS, "h", &body).await;
    assert_eq!(first.is_first()["amount"], 31, "30.3 credits need 31 to be set aside");
    let path = format!("{HOLDS}/{}", first.data()["hold_id"].as_str().unwrap());
    world.rates(tokens_at(30)).await;
    // The repetition of a request says what it said, not what it would cost now.
    world.send(HOLDS, "h", &body).await.repeats_hold(&first);

    let capture = json!({ "usage": tokens(2_000), "type": "chat" });
    let part = world.send(&format!("{path}/capture"), "c1", &capture).await;
    assert_eq!(part.is_first()["spent"], 6);
    world.send(&format!("{path}/capture"), "c1", &capture).await.repeats_hold(&part);
    // Whoever names a card or a version gets that.
    let mut dear = tokens(100);
    dear["rate_card"] = json!("default");
    let dear = json!({ "usage": dear });
    assert_eq!(world.send(&format!("{path}/capture"), "c2", &dear).await.is_first()["spent"], 3);
    let last = json!({ "usage": tokens(3_000), "final": true });
    let last = world.send(&format!("{path}/capture"), "c3", &last).await.is_first();
    assert_eq!(
        (&last["spent"], &last["status"], &last["balance"]),
        (&json!(9), &json!("captured"), &json!(982))
    );
    // A hold of now is one at the new price.
    let next = json!({ "account_id": "ada", "usage": tokens(1000) });
    assert_eq!(world.send(HOLDS, "h2", &next).await.is_first()["amount"], 30);
}

#[actix_web::test]
async fn usage_below_a_credit_is_carried_also_from_a_hold() {
    let world = World::new();
    world.give("ada", 10).await;
    world.rates(tokens_at(3)).await;
    let path = placed(&world, "h", &json!({ "account_id": "ada", "amount": 5 })).await;
    let mut spent = Vec::new();
    for count in 0..4 {
        let capture = json!({ "usage": tokens(100) });
        let answer = world.send(&format!("{path}/capture"), &format!("c{count}"), &capture).await.is_first();
        assert_eq!(answer["transaction_id"].is_null(), answer["spent"] == 0);
        spent.push(answer["spent"].as_i64().unwrap());
    }
    assert_eq!(spent, [0, 0, 0, 1]);
    assert_eq!(world.balance("ada").await, (5, 4));
}

#[actix_web::test]
async fn usage_that_costs_nothing_can_be_held_and_captured() {
    let world = World::new();
    world.give("ada", 10).await;
    world.rates(tokens_at(3)).await;
    let free = json!({ "meter": "free", "quantities": { "calls": 1 } });
    let path = placed(&world, "h", &json!({ "account_id": "ada", "usage": free })).await;
    assert_eq!(world.balance("ada").await, (10, 0));
    let captured = world
        .send(&format!("{path}/capture"), "c", &json!({ "usage": free, "final": true }))
        .await
        .is_first();
    assert_eq!((&captured["spent"], &captured["status"]), (&json!(0), &json!("captured")));
    assert_eq!(captured["usages"][0]["quantities"], json!({ "calls": "1" }));
    assert!(captured["usage_id"].is_string());
}

#[actix_web::test]
async fn usage_that_cannot_be_priced_settles_nothing() {
    let world = World::new();
    world.give("ada", 10).await;
    let body = json!({ "account_id": "ada", "usage": tokens(1000) });
    world.send(HOLDS, "h", &body).await.is(404, "no_rate_card");
    world.rates(tokens_at(3)).await;
    let path = placed(&world, "h", &body).await;
    let both = json!({ "amount": 1, "usage": tokens(1) });
    assert_eq!(
        world.send(&format!("{path}/capture"), "c", &both).await.is(400, "invalid_request").details()["field"],
        "usage"
    );
    let unknown = json!({ "usage": { "meter": "video" } });
    world.send(&format!("{path}/capture"), "c", &unknown).await.is(400, "unknown_meter");
    let capture = json!({ "usage": tokens(1000) });
    world.send(&format!("{path}/capture"), "c", &capture).await.is_first();
    assert_eq!(world.balance("ada").await, (7, 0));
}
