//! Check-in.

use actix_web::http::Method;
use serde_json::json;

use crate::common::shapes::{closed, list_of, moment, success, text, whole, whole_or_null, yes_or_no};
use crate::common::{World, matches_schema, token_with};

#[actix_web::test]
async fn check_in_gives_once_a_day() {
    let world = World::new();
    let ada = token_with(json!({}));
    let state = success(closed(json!({
        "enabled": yes_or_no(), "day": { "type": "string", "format": "date" }, "checked_in_today": yes_or_no(),
        "streak": whole(), "next_reward": whole(), "next_at": moment(),
        "calendar": list_of(closed(json!({ "day": { "type": "string", "format": "date" }, "credits": whole() }))),
    })));
    matches_schema(&world.get(&ada, "/checkin").await.json(), &state);

    let done = world.ask(Method::POST, "/checkin").bearer(&ada).send().await;
    matches_schema(
        &done.json(),
        &success(closed(json!({
            "credits": whole(), "streak": whole(), "next_reward": whole(),
            "day": { "type": "string", "format": "date" }, "next_at": moment(),
        }))),
    );
    assert_eq!(done.data()["credits"], 10);
    let again = world.ask(Method::POST, "/checkin").bearer(&ada).send().await;
    again.is(409, "already_checked_in");
    assert_eq!(again.json()["error"]["details"], json!({ "next_at": "2026-04-16T00:00:00Z" }));
    let shown = world.get(&ada, "/checkin").await;
    matches_schema(&shown.json(), &state);
    assert_eq!(shown.data()["calendar"], json!([{ "day": "2026-04-15", "credits": 10 }]));
    assert_eq!(world.get(&ada, "/credits/balance").await.data()["balance"], 10);
}

#[actix_web::test]
async fn check_in_that_is_off_says_so() {
    let world = World::new();
    let path = "/admin/checkin/config";
    let config =
        json!({ "enabled": false, "daily_credits": 5, "streak_bonuses": [{ "day": 7, "credits": 50 }] });
    let bonus = closed(json!({ "day": whole(), "credits": whole() }));
    let schema = success(closed(json!({
        "enabled": yes_or_no(), "daily_credits": whole(), "streak_bonuses": list_of(bonus), "timezone": text(),
        "use_account_timezone": yes_or_no(), "expires_after_days": whole_or_null(),
    })));
    matches_schema(&world.operator(Method::GET, path).send().await.json(), &schema);
    let put = world.operator(Method::PUT, path).json(&config).send().await;
    matches_schema(&put.json(), &schema);
    let read = world.operator(Method::GET, path).send().await;
    assert_eq!(read.json(), put.json());
    world
        .ask(Method::POST, "/checkin")
        .bearer(&token_with(json!({})))
        .send()
        .await
        .is(409, "checkin_disabled");
}

#[actix_web::test]
async fn an_account_without_credits_cannot_check_in() {
    let world = World::new();
    let put = world.operator(Method::PUT, "/accounts/ada").json(&json!({ "credits_enabled": false }));
    put.send().await.data();
    world
        .ask(Method::POST, "/checkin")
        .bearer(&token_with(json!({})))
        .send()
        .await
        .is(409, "credits_disabled");
}
