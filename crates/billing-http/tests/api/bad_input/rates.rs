//! Rate cards and usage.

use serde_json::{Value, json};

use super::{CARDS, QUOTE, a_meter, good, refuses, world};

/// `body` with `value` at `pointer`.
fn set(mut body: Value, pointer: &str, value: Value) -> Value {
    if let Some(place) = body.pointer_mut(pointer) {
        *place = value;
    } else {
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        body.pointer_mut(parent).unwrap()[name] = value;
    }
    body
}

fn tiers(tiers: Value) -> Value {
    json!({ "quantity": "a", "tiers": tiers, "tiers_mode": "graduated" })
}

#[actix_web::test]
async fn a_card_that_cannot_be_published_names_the_place() {
    let (world, ..) = world().await;
    for (pointer, value, field) in [
        ("/slug", json!("New Card"), "slug"),
        ("/name", json!(" "), "name"),
        ("/description", json!("x".repeat(1001)), "description"),
        ("/effective_at", json!("tomorrow"), "effective_at"),
        ("/meters", json!([]), "meters"),
        ("/meters", json!("none"), "meters"),
        ("/meters", json!([a_meter(), a_meter()]), "meters[1].name"),
        ("/meters/0/name", json!("Chat"), "meters[0].name"),
        ("/meters/0/dimensions", json!(["model", "model"]), "meters[0].dimensions[1]"),
        ("/meters/0/rounding", json!("down"), "meters[0].rounding"),
        ("/meters/0/rates", json!([]), "meters[0].rates"),
        ("/meters/0/per_call", json!(-1), "meters[0].per_call"),
        ("/meters/0/minimum", json!("0.0000000001"), "meters[0].minimum"),
        ("/meters/0/rates/0/quantity", json!(""), "meters[0].rates[0].quantity"),
        ("/meters/0/rates/0/credits", json!("-1"), "meters[0].rates[0].credits"),
        ("/meters/0/rates/0/credits", json!("1000000001"), "meters[0].rates[0].credits"),
        ("/meters/0/rates/0/per", json!(0), "meters[0].rates[0].per"),
        ("/meters/0/rates/0/per", json!(1_000_000_001), "meters[0].rates[0].per"),
        ("/meters/0/rates/0/per", json!(u64::MAX), "meters[0].rates[0].per"),
        ("/markup_percent", json!("-100.1"), "markup_percent"),
        ("/markup_percent", json!("0.00001"), "markup_percent"),
        ("/meters/0/markup_percent", json!(10_001), "meters[0].markup_percent"),
        ("/meters/0/rates/0", json!({ "quantity": "a" }), "meters[0].rates[0].credits"),
        ("/meters/0/rates/0/tiers", json!([{ "credits": 1 }]), "meters[0].rates[0].tiers"),
        ("/meters/0/rates/0/tiers_mode", json!("volume"), "meters[0].rates[0].tiers_mode"),
        ("/meters/0/rates/0/tiers_scope", json!("month"), "meters[0].rates[0].tiers_scope"),
        ("/meters/0/rates/0", tiers(json!([])), "meters[0].rates[0].tiers"),
        (
            "/meters/0/rates/0",
            set(tiers(json!([])), "/tiers_mode", json!("linear")),
            "meters[0].rates[0].tiers_mode",
        ),
        (
            "/meters/0/rates/0",
            set(tiers(json!([])), "/tiers_scope", json!("week")),
            "meters[0].rates[0].tiers_scope",
        ),
        (
            "/meters/0/rates/0",
            tiers(json!([{ "up_to": 1, "credits": 1 }])),
            "meters[0].rates[0].tiers[0].up_to",
        ),
        (
            "/meters/0/rates/0",
            tiers(json!([{ "credits": 1 }, { "credits": 1 }])),
            "meters[0].rates[0].tiers[0].up_to",
        ),
        (
            "/meters/0/rates/0",
            tiers(json!([{ "up_to": 5, "credits": 1 }, { "up_to": 4, "credits": 1 }, { "credits": 1 }])),
            "meters[0].rates[0].tiers[1].up_to",
        ),
        ("/meters/0/rates/0", tiers(json!([{ "credits": "-1" }])), "meters[0].rates[0].tiers[0].credits"),
        ("/meters/0/rates/0", tiers(json!([{ "credits": 1, "per": 0 }])), "meters[0].rates[0].tiers[0].per"),
        (
            "/meters/0/rates/0",
            tiers(json!([{ "credits": 1, "flat": -1 }])),
            "meters[0].rates[0].tiers[0].flat",
        ),
        ("/meters/0/rates/0/when", json!({ "colour": "red" }), "meters[0].rates[0].when.colour"),
        ("/meters/0/rates/0/when", json!({ "model": "" }), "meters[0].rates[0].when.model"),
    ] {
        let body = set(good(CARDS), pointer, value);
        let answer = refuses(&world, CARDS, &body, 400, "invalid_request").await;
        assert_eq!(answer.json()["error"]["details"]["field"], field, "{}", answer.text());
    }
    for (pointer, value) in [("/meters/0/colour", json!(1)), ("/meters/0/rates/0/price", json!(1))] {
        let body = set(good(CARDS), pointer, value);
        let answer = refuses(&world, CARDS, &body, 400, "invalid_request").await;
        assert!(answer.message().contains("unknown field"), "{}", answer.text());
    }
}

#[actix_web::test]
async fn numbers_that_may_have_lost_digits_are_refused() {
    let (world, ..) = world().await;
    for value in [json!(0.5), json!(1.0), json!(1e30)] {
        let body = set(good(CARDS), "/meters/0/rates/0/credits", value.clone());
        let answer = refuses(&world, CARDS, &body, 400, "invalid_request").await;
        assert!(
            answer
                .message()
                .starts_with("`meters[0].rates[0].credits`: put a number with a fraction in quotes")
        );
        let body = set(good(QUOTE), "/usage/quantities/tokens", value);
        let answer = refuses(&world, QUOTE, &body, 400, "invalid_request").await;
        assert!(
            answer.message().starts_with("`usage.quantities.tokens`: put a number with a fraction in quotes")
        );
    }
    for (value, message) in [
        (json!(true), "must be a whole number, or a decimal in quotes such as \"0.5\""),
        (json!(null), "must be a whole number, or a decimal in quotes such as \"0.5\""),
        (json!("1,5"), "must be a decimal such as 12 or 0.0375, of at most 28 digits"),
        (json!("1e3"), "must be a decimal such as 12 or 0.0375, of at most 28 digits"),
    ] {
        let body = set(good(QUOTE), "/usage/quantities/tokens", value);
        let answer = refuses(&world, QUOTE, &body, 400, "invalid_request").await;
        assert_eq!(answer.message(), format!("`usage.quantities.tokens`: {message}"));
    }
}

#[actix_web::test]
async fn usage_that_is_not_said_clearly_is_refused() {
    let (world, ..) = world().await;
    let usage = good(QUOTE)["usage"].clone();
    let with = |name: &str, value: &str| set(usage.clone(), &format!("/{name}"), json!(value));
    let both = set(with("quote", "default@1"), "/rate_card", json!("default"));
    for (body, field) in [
        (json!({}), "usage"),
        (json!({ "usage": usage, "usages": [usage] }), "usages"),
        (json!({ "usages": [] }), "usages"),
        (json!({ "usages": vec![usage.clone(); 101] }), "usages"),
        (json!({ "usage": with("quote", "default") }), "usage.quote"),
        (json!({ "usage": with("quote", "default@01") }), "usage.quote"),
        (json!({ "usage": both }), "usage.quote"),
        (json!({ "usages": [usage, with("quote", "@1")] }), "usages[1].quote"),
        (json!({ "usage": { "quantities": {} } }), "usage.meter"),
        (json!({ "account_id": "", "usage": usage }), "account_id"),
    ] {
        let answer = refuses(&world, QUOTE, &body, 400, "invalid_request").await;
        assert_eq!(answer.json()["error"]["details"]["field"], field, "{}", answer.text());
    }
}
