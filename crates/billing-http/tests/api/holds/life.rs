//! A hold's life.

use actix_web::http::Method;
use serde_json::{Value, json};

use super::{HOLDS, held, placed};
use crate::common::shapes::{closed, list_of, moment, success, text, text_or_null, whole};
use crate::common::{World, matches_schema};

fn changed() -> Value {
    success(closed(json!({
        "hold_id": text(), "amount": whole(), "captured": whole(), "overrun": whole(), "remaining": whole(),
        "status": { "enum": ["open", "captured", "released", "lapsed", "settled"] }, "expires_at": moment(),
        "transaction_id": text_or_null(), "spent": whole(), "uncovered": whole(), "balance": whole(),
        "usage_id": text_or_null(), "usages": { "type": "array" },
    })))
}

async fn show(world: &World, path: &str) -> Value {
    world.operator(Method::GET, path).send().await.data()
}

#[actix_web::test]
async fn a_hold_sets_aside_is_captured_in_parts_and_lets_the_rest_go() {
    let world = World::new();
    world.give("ada", 100).await;
    let body = json!({ "account_id": "ada", "amount": 60, "description": "Render a film", "metadata": { "job": "7" } });
    let answer = world.send(HOLDS, "h", &body).await;
    matches_schema(&answer.json(), &changed());
    let data = answer.is_first();
    assert_eq!((&data["remaining"], &data["balance"], &data["spent"]), (&json!(60), &json!(40), &json!(0)));
    assert_eq!((&data["status"], &data["expires_at"]), (&json!("open"), &json!("2026-04-15T12:15:00Z")));
    assert_eq!(world.balance("ada").await, (40, 60));
    world
        .send("/credits/consume", "s", &json!({ "account_id": "ada", "amount": 41 }))
        .await
        .is(402, "insufficient_credits");

    let path = format!("{HOLDS}/{}", data["hold_id"].as_str().unwrap());
    let capture = json!({ "amount": 25, "type": "render", "description": "First half" });
    let part = world.send(&format!("{path}/capture"), "c1", &capture).await;
    matches_schema(&part.json(), &changed());
    let part = part.is_first();
    assert_eq!((&part["spent"], &part["remaining"], &part["balance"]), (&json!(25), &json!(35), &json!(40)));
    let last =
        world.send(&format!("{path}/capture"), "c2", &json!({ "amount": 5, "final": true })).await.is_first();
    assert_eq!(
        (&last["spent"], &last["status"], &last["balance"]),
        (&json!(5), &json!("captured"), &json!(70))
    );
    assert_eq!(world.balance("ada").await, (70, 0));

    let history = world.operator(Method::GET, "/credits/transactions?account_id=ada").send().await.data();
    assert_eq!((&history[1]["type"], &history[1]["description"]), (&json!("render"), &json!("First half")));
    assert_eq!(history[1]["id"], part["transaction_id"]);
}

#[actix_web::test]
async fn a_hold_shows_what_it_pinned() {
    let world = World::new();
    world.give("ada", 10).await;
    world.operator(Method::PUT, "/accounts/ada").json(&json!({ "overdraft_limit": 5 })).send().await.data();
    let path = held(&world, "h", 12).await;
    let slice = closed(json!({ "grant_id": text(), "amount": whole(), "remaining": whole() }));
    let schema = success(closed(json!({
        "hold_id": text(), "amount": whole(), "captured": whole(), "overrun": whole(), "remaining": whole(),
        "status": text(), "usages": { "type": "array" }, "quote": text_or_null(), "description": text(), "metadata": { "type": "object" },
        "slices": list_of(slice), "uncovered": whole(), "created_at": moment(), "expires_at": moment(),
        "ended_at": text_or_null(),
    })));
    let shown = world.operator(Method::GET, &path).send().await;
    matches_schema(&shown.json(), &schema);
    let shown = shown.data();
    assert_eq!((&shown["uncovered"], &shown["slices"][0]["amount"]), (&json!(2), &json!(10)));
    world.send(&format!("{path}/release"), "r", &json!({})).await.is_first();
    let shown = show(&world, &path).await;
    assert_eq!((&shown["status"], &shown["remaining"]), (&json!("released"), &json!(0)));
    assert_eq!(shown["ended_at"], "2026-04-15T12:00:00Z");
}

#[actix_web::test]
async fn what_is_captured_without_an_amount_is_everything() {
    let world = World::new();
    world.give("ada", 10).await;
    let path = held(&world, "h", 7).await;
    let all = world.send(&format!("{path}/capture"), "c", &json!({})).await.is_first();
    assert_eq!((&all["spent"], &all["status"]), (&json!(7), &json!("captured")));
    // Settling for nothing is letting go, told as a settlement.
    let path = held(&world, "h2", 3).await;
    world.send(&format!("{path}/capture"), "c2", &json!({ "amount": 0 })).await.is(400, "invalid_amount");
    let none =
        world.send(&format!("{path}/capture"), "c2", &json!({ "amount": 0, "final": true })).await.is_first();
    assert_eq!(
        (&none["spent"], &none["transaction_id"], &none["status"]),
        (&json!(0), &Value::Null, &json!("captured"))
    );
    assert_eq!(world.balance("ada").await, (3, 0));
}

#[actix_web::test]
async fn more_than_was_held_is_spent_from_what_is_free_or_refused() {
    let world = World::new();
    world.give("ada", 10).await;
    let path = format!("{}/capture", held(&world, "h", 6).await);
    let refused = world.send(&path, "c", &json!({ "amount": 11 })).await;
    refused.is(402, "insufficient_credits");
    assert_eq!(refused.details(), json!({ "required": 5, "available": 4, "held": 6 }));
    let all = world.send(&path, "c", &json!({ "amount": 10 })).await.is_first();
    assert_eq!((&all["spent"], &all["captured"], &all["balance"]), (&json!(10), &json!(6), &json!(0)));
}

#[actix_web::test]
async fn a_hold_ends_once_and_says_how() {
    let world = World::new();
    world.give("ada", 10).await;
    let (captured, released) = (held(&world, "h1", 2).await, held(&world, "h2", 2).await);
    world.send(&format!("{captured}/capture"), "c", &json!({})).await.is_first();
    world.operator(Method::POST, &format!("{released}/release")).key("r").send().await.is_first();
    for (path, status) in [(captured, "captured"), (released, "released")] {
        for (count, (step, body)) in [
            ("capture", json!({ "amount": 1 })),
            ("release", json!({})),
            ("extend", json!({ "expires_in_seconds": 60 })),
        ]
        .into_iter()
        .enumerate()
        {
            let answer =
                world.send(&format!("{path}/{step}"), &format!("again-{status}-{count}"), &body).await;
            answer.is(409, "hold_closed");
            assert_eq!(answer.details(), json!({ "status": status }));
        }
    }
    assert_eq!(world.balance("ada").await, (8, 0));
}

#[actix_web::test]
async fn a_hold_lapses_by_time_alone_unless_it_is_extended() {
    let world = World::new();
    world.give("ada", 10).await;
    let body = json!({ "account_id": "ada", "amount": 4, "expires_in_seconds": 60 });
    let (short, long) = (placed(&world, "h1", &body).await, placed(&world, "h2", &body).await);
    let extended = world.send(&format!("{long}/extend"), "e", &json!({ "expires_in_seconds": 600 })).await;
    matches_schema(&extended.json(), &changed());
    assert_eq!(extended.is_first()["expires_at"], "2026-04-15T12:10:00Z");
    world.clock.advance(60);
    assert_eq!(world.balance("ada").await, (6, 4));
    let lapsed = show(&world, &short).await;
    assert_eq!((&lapsed["status"], &lapsed["remaining"]), (&json!("lapsed"), &json!(0)));
    assert_eq!(lapsed["ended_at"], "2026-04-15T12:01:00Z");
    assert_eq!(show(&world, &long).await["status"], "open");

    let late = format!("{short}/capture");
    let refused = world.send(&late, "c", &json!({ "amount": 3 })).await;
    refused.is(409, "hold_expired");
    assert_eq!(refused.details(), json!({ "expired_at": "2026-04-15T12:01:00Z" }));
    world.send(&format!("{short}/release"), "r", &json!({})).await.is(409, "hold_expired");
    let spent = world.send(&late, "c", &json!({ "amount": 3, "or_spend": true })).await.is_first();
    assert_eq!(
        (&spent["spent"], &spent["status"], &spent["balance"]),
        (&json!(3), &json!("lapsed"), &json!(3))
    );
    let written = show(&world, &short).await;
    assert_eq!((&written["captured"], &written["status"]), (&json!(3), &json!("lapsed")));
    // What it was placed for is spent once, and no more.
    let rest = json!({ "or_spend": true, "final": true });
    let rest = world.send(&late, "c2", &rest).await.is_first();
    assert_eq!(
        (&rest["spent"], &rest["status"], &rest["balance"]),
        (&json!(1), &json!("settled"), &json!(2))
    );
    for key in ["c3", "c4"] {
        world.send(&late, key, &json!({ "amount": 4, "or_spend": true })).await.is(409, "hold_settled");
    }
}

#[actix_web::test]
async fn what_is_held_outlives_its_credits() {
    let world = World::new();
    let grant = json!({ "account_id": "ada", "amount": 10, "expires_at": "2026-04-15T12:05:00Z" });
    world.send("/credits/grants", "g", &grant).await.is_first();
    let path = held(&world, "h", 6).await;
    world.clock.advance(300);
    assert_eq!(world.balance("ada").await, (0, 6));
    let part = world.send(&format!("{path}/capture"), "c", &json!({ "amount": 4 })).await.is_first();
    assert_eq!((&part["spent"], &part["balance"]), (&json!(4), &json!(0)));
    world.send(&format!("{path}/release"), "r", &json!({})).await.is_first();
    assert_eq!(world.balance("ada").await, (0, 0));
}

#[actix_web::test]
async fn a_hold_that_cannot_be_placed_or_changed_names_what_is_off() {
    let world = World::new();
    world.give("ada", 10).await;
    for (body, status, code, field) in [
        (json!({ "account_id": "ada" }), 400, "invalid_request", "amount"),
        (
            json!({ "account_id": "ada", "amount": 1, "expires_in_seconds": 0 }),
            400,
            "invalid_request",
            "expires_in_seconds",
        ),
        (
            json!({ "account_id": "ada", "amount": 1, "expires_in_seconds": 2_678_401 }),
            400,
            "invalid_request",
            "expires_in_seconds",
        ),
        (
            json!({ "account_id": "ada", "amount": 1, "expires_in_seconds": -1 }),
            400,
            "invalid_request",
            "expires_in_seconds",
        ),
        (json!({ "account_id": "ada", "amount": 1, "final": true }), 400, "invalid_request", "final"),
        (json!({ "account_id": "ada", "amount": 0 }), 400, "invalid_amount", ""),
        (json!({ "account_id": "ada", "amount": 11 }), 402, "insufficient_credits", ""),
        (json!({ "account_id": "nobody", "amount": 1 }), 404, "account_not_found", ""),
    ] {
        let answer = world.send(HOLDS, "k", &body).await;
        answer.is(status, code);
        assert!(field.is_empty() || answer.details()["field"] == field, "{}", answer.text());
    }
    let path = held(&world, "k", 1).await;
    for seconds in [json!(0), json!(2_678_401), json!("60"), json!(null)] {
        let answer =
            world.send(&format!("{path}/extend"), "e", &json!({ "expires_in_seconds": seconds })).await;
        assert_eq!(answer.is(400, "invalid_request").details()["field"], "expires_in_seconds");
    }
    world
        .operator(Method::PUT, "/accounts/ada")
        .json(&json!({ "credits_enabled": false }))
        .send()
        .await
        .data();
    world.send(HOLDS, "off", &json!({ "account_id": "ada", "amount": 1 })).await.is(409, "credits_disabled");
    // What was begun may be ended.
    world.send(&format!("{path}/capture"), "c", &json!({})).await.is_first();
}
