//! Fields and their values.

use actix_web::http::Method;
use serde_json::json;

use super::{CARDS, CHECKOUT, CONFIG, CONSUME, MANUAL, PACKS, PLANS, QUOTE, refuses, with, without, world};

#[actix_web::test]
async fn unknown_missing_and_doubled_fields_are_refused() {
    let (world, ..) = world().await;
    for (path, required) in [
        (CONSUME, &["amount"][..]),
        (MANUAL, &["account_id", "amount", "reason"]),
        (CHECKOUT, &["channel", "type", "success_url", "cancel_url"]),
        (PLANS, &["slug", "name", "price_monthly", "currency"]),
        (PACKS, &["slug", "name", "price", "currency", "credits"]),
        (CONFIG, &["enabled", "daily_credits"]),
        (CARDS, &["slug", "name", "meters"]),
        (QUOTE, &["usage"]),
        ("/accounts/ghost", &[]),
    ] {
        // What callers may not set is not passed over in silence.
        for name in ["unknown", "balance", "id", "version", "status"] {
            let answer = refuses(&world, path, &with(path, name, json!(1)), 400, "invalid_request").await;
            assert!(answer.message().contains(&format!("unknown field `{name}`")), "{}", answer.message());
        }
        for name in required {
            let answer = refuses(&world, path, &without(path, name), 400, "invalid_request").await;
            assert!(answer.message().starts_with(&format!("`{name}`: is required")), "{}", answer.message());
            assert_eq!(answer.json()["error"]["details"]["field"], *name);
        }
    }
    let doubled = r#"{"account_id":"ada","amount":1,"amount":9}"#;
    let answer = world.operator(Method::POST, CONSUME).key("k").raw("application/json", doubled).send().await;
    answer.is(400, "invalid_request");
    assert!(answer.message().contains("`amount` stands twice"), "{}", answer.message());
}

#[actix_web::test]
async fn a_field_of_the_wrong_kind_is_named_with_what_it_takes() {
    let (world, ..) = world().await;
    for (path, name, value, message) in [
        (CONSUME, "type", json!(5), "`type`: must be a text"),
        (CONSUME, "metadata", json!("x"), "`metadata`: must be an object"),
        (CONSUME, "metadata", json!({ "a": 1 }), "`metadata.a`: must be a text"),
        (CONSUME, "account_id", json!(17), "`account_id`: must be a text"),
        (PLANS, "features", json!("all"), "`features`: must be a list"),
        (PLANS, "features", json!([1]), "`features[0]`: must be a text"),
        (PLANS, "public", json!("yes"), "`public`: must be true or false"),
        (PLANS, "trial_days", json!(-1), "`trial_days`: must be a whole number from 0 to 4294967295"),
        (PLANS, "trial_days", json!(1.5), "`trial_days`: must be a whole number from 0 to 4294967295"),
        (PLANS, "rollover", json!(5), "`rollover`: must be an object"),
        (PLANS, "rollover", json!({}), "`rollover.mode`: is required"),
        (
            PLANS,
            "rollover",
            json!({ "mode": "expire", "cap": "x" }),
            "`rollover.cap`: must be a whole number",
        ),
        (
            CONFIG,
            "streak_bonuses",
            json!([{ "day": 1, "credits": 0.5 }]),
            "`streak_bonuses[0].credits`: must be a whole number",
        ),
    ] {
        let answer = refuses(&world, path, &with(path, name, value), 400, "invalid_request").await;
        assert_eq!(answer.message(), message);
    }
}

#[actix_web::test]
async fn values_that_mean_nothing_here_are_refused() {
    let (world, plan, _) = world().await;
    let long = "x".repeat(501);
    for (path, name, value) in [
        (CONSUME, "type", json!("grant")),
        (CONSUME, "type", json!("With Spaces")),
        (CONSUME, "type", json!("x".repeat(41))),
        (CONSUME, "description", json!(long)),
        (CONSUME, "metadata", json!({ "": "x" })),
        (CONSUME, "metadata", json!({ "a": long })),
        (CONSUME, "account_id", json!("")),
        (CONSUME, "account_id", json!(" ada")),
        (CONSUME, "account_id", json!("x".repeat(256))),
        (MANUAL, "reason", json!(" ")),
        (MANUAL, "reason", json!(long)),
        (MANUAL, "expires_at", json!("tomorrow")),
        (MANUAL, "expires_at", json!("2026-13-01T00:00:00Z")),
        (CHECKOUT, "channel", json!("Pay Pal")),
        (CHECKOUT, "type", json!("gift")),
        (CHECKOUT, "plan_id", json!(plan)),
        (CHECKOUT, "interval", json!("monthly")),
        (PLANS, "slug", json!("Not A Slug")),
        (PLANS, "name", json!("")),
        (PLANS, "price_monthly", json!(-1)),
        (PLANS, "price_monthly", json!(u64::MAX)),
        (PLANS, "credits_included", json!(-5)),
        (PLANS, "credits_interval", json!("hourly")),
        (PLANS, "change_policy", json!("maybe")),
        (PLANS, "rollover", json!({ "mode": "vanish" })),
        (PACKS, "credits", json!(0)),
        (PACKS, "price", json!(-1)),
        (PACKS, "bonus_credits", json!(-1)),
        (CONFIG, "daily_credits", json!(-1)),
        (CONFIG, "timezone", json!("Mars/Olympus")),
        (CONFIG, "streak_bonuses", json!([{ "day": 0, "credits": 5 }])),
        ("/accounts/ghost", "email", json!("no address")),
        ("/accounts/ghost", "timezone", json!("Mars/Olympus")),
        ("/accounts/ghost", "name", json!("")),
    ] {
        let answer = refuses(&world, path, &with(path, name, value), 400, "invalid_request").await;
        assert!(answer.json()["error"]["details"]["field"].is_string(), "{}", answer.text());
    }
    for path in [PLANS, PACKS] {
        for currency in ["XYZ", "", "US", "dollars", "XAU"] {
            refuses(&world, path, &with(path, "currency", json!(currency)), 400, "unknown_currency").await;
        }
    }
    refuses(
        &world,
        MANUAL,
        &with(MANUAL, "expires_at", json!("2026-04-15T12:00:00Z")),
        400,
        "invalid_expiry",
    )
    .await;
    refuses(&world, PLANS, &with(PLANS, "slug", json!("pro")), 409, "slug_taken").await;
    refuses(&world, PACKS, &with(PACKS, "slug", json!("small")), 409, "slug_taken").await;
}

#[actix_web::test]
async fn a_text_with_a_nul_is_the_callers_mistake() {
    let (world, ..) = world().await;
    for (name, value) in [("description", json!("a\0b")), ("metadata", json!({ "a\0": "b" }))] {
        let answer = refuses(&world, CONSUME, &with(CONSUME, name, value), 400, "invalid_request").await;
        assert!(answer.message().contains("NUL"), "{}", answer.message());
    }
    let listed = world.operator(Method::GET, "/admin/credits/transactions?type=%00").send().await;
    listed.is(400, "invalid_request");
}
