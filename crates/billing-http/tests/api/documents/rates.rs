//! Rate cards and quotes.

use actix_web::http::Method;
use billing_core::credentials::Scope;
use billing_testkit::builders::noon;
use serde_json::{Value, json};

use crate::common::shapes::{closed, list_of, moment, success, text, whole, whole_or_null, yes_or_no};
use crate::common::{Answer, World, matches_schema};

const CARDS: &str = "/admin/billing/rate-cards";
const QUOTE: &str = "/credits/quote";

fn version() -> Value {
    closed(json!({ "version": whole(), "effective_at": moment(), "published_at": moment() }))
}

fn card() -> Value {
    let rate = closed(json!({
        "quantity": text(), "when": { "type": "object" }, "credits": text(), "per": whole(),
    }));
    let meter = closed(json!({
        "name": text(), "dimensions": list_of(text()), "rates": list_of(rate), "per_call": text(),
        "minimum": text(), "rounding": { "enum": ["carry", "up", "nearest"] },
    }));
    closed(json!({
        "id": text(), "slug": text(), "name": text(), "description": text(), "active": yes_or_no(),
        "version": whole(), "effective_at": moment(), "published_at": moment(), "meters": list_of(meter),
        "markup_percent": text(),
        "in_force": whole_or_null(), "versions": list_of(version()),
    }))
}

fn price() -> Value {
    let line = closed(json!({
        "quantity": text(), "units": text(), "rate": text(), "per": whole(), "flat": text(), "credits": text(),
    }));
    closed(json!({
        "amount": whole(), "exact": text(), "rate_card": text(), "version": whole(), "quote": text(),
        "meter": text(), "dimensions": { "type": "object" }, "lines": list_of(line), "per_call": text(),
        "markup_percent": text(), "markup": text(), "topped_up": text(), "rounding": text(),
    }))
}

/// Rates by model, with one for all others.
fn meters() -> Value {
    json!([
        { "name": "chat", "dimensions": ["model"], "rates": [
            { "quantity": "input_tokens", "credits": 3, "per": 1000 },
            { "quantity": "input_tokens", "credits": "0.5", "per": 1000, "when": { "model": "small" } },
            { "quantity": "output_tokens", "credits": "15", "per": 1000, "when": { "model": "*" } },
        ] },
        { "name": "image", "per_call": "2.5", "minimum": 2, "rounding": "up" },
    ])
}

async fn put(world: &World, slug: &str, body: &Value) -> Answer {
    world.operator(Method::PUT, &format!("{CARDS}/{slug}")).json(body).send().await
}

#[actix_web::test]
async fn rate_cards_as_operators_write_them() {
    let world = World::new();
    let body = json!({ "slug": "default", "name": "Standard", "description": "For all", "meters": meters() });
    let made = world.operator(Method::POST, CARDS).json(&body).send().await;
    matches_schema(&made.json(), &success(card()));
    let made = made.data();
    assert_eq!((&made["version"], &made["in_force"], &made["active"]), (&json!(1), &json!(1), &json!(true)));
    let rates = &made["meters"][0]["rates"];
    assert_eq!(rates[0], json!({ "quantity": "input_tokens", "when": {}, "credits": "3", "per": 1000 }));
    assert_eq!((&rates[1]["credits"], &rates[1]["when"]), (&json!("0.5"), &json!({ "model": "small" })));
    assert_eq!(rates[2]["when"], json!({}), "any value is what is not named");
    assert_eq!(made["meters"][0]["rounding"], "carry");
    assert_eq!((&made["meters"][1]["per_call"], &made["meters"][1]["minimum"]), (&json!("2.5"), &json!("2")));
    world.operator(Method::POST, CARDS).json(&body).send().await.is(409, "slug_taken");

    // What is shown can be sent back, and changes nothing.
    let same =
        json!({ "slug": "default", "name": "Standard", "description": "For all", "meters": made["meters"] });
    assert_eq!(put(&world, "default", &same).await.data()["versions"].as_array().unwrap().len(), 1);

    let mut changed =
        json!({ "name": "Standard", "meters": made["meters"], "effective_at": noon().plus_days(1) });
    changed["meters"][1]["per_call"] = json!("3");
    let later = put(&world, "default", &changed).await;
    matches_schema(&later.json(), &success(card()));
    assert_eq!((&later.data()["version"], &later.data()["in_force"]), (&json!(2), &json!(1)));
    assert_eq!(later.data()["effective_at"], "2026-04-16T12:00:00Z");
    let shown = async || world.operator(Method::GET, &format!("{CARDS}/default")).send().await.data();
    assert_eq!((&shown().await["version"], &shown().await["description"]), (&json!(1), &json!("")));
    world.clock.set(noon().plus_days(1));
    assert_eq!(shown().await["version"], 2);

    let listed = world.operator(Method::GET, CARDS).send().await;
    matches_schema(&listed.json(), &success(list_of(card())));
    assert_eq!(listed.data()[0], shown().await);
    let versions = world.operator(Method::GET, &format!("{CARDS}/default/versions")).send().await;
    matches_schema(&versions.json(), &success(list_of(version())));
    assert_eq!(versions.data().as_array().unwrap().len(), 2);
    let first = world.operator(Method::GET, &format!("{CARDS}/default/versions/1")).send().await;
    matches_schema(&first.json(), &success(card()));
    assert_eq!((&first.data()["version"], &first.data()["meters"]), (&json!(1), &made["meters"]));
    for path in
        ["/none", "/none/versions", "/default/versions/3", "/default/versions/one", "/default/versions/0"]
    {
        world.operator(Method::GET, &format!("{CARDS}{path}")).send().await.is(404, "not_found");
    }
    put(&world, "none", &same).await.is(400, "invalid_request");
    put(&world, "none", &json!({ "name": "None", "meters": meters() })).await.is(404, "not_found");
}

#[actix_web::test]
async fn a_large_card_is_taken() {
    let world = World::new();
    let rates = |meter: usize| {
        let rates = (0..1_000).map(|number| {
            let model = format!("a-model-with-quite-a-long-name-{meter}-{number}");
            json!({ "quantity": "tokens", "credits": "0.000000001", "per": 1, "when": { "model": model } })
        });
        json!({ "name": format!("m{meter}"), "dimensions": ["model"], "rates": rates.collect::<Vec<_>>() })
    };
    let mut body =
        json!({ "slug": "default", "name": "Large", "meters": (0..4).map(rates).collect::<Vec<_>>() });
    assert_eq!(world.operator(Method::POST, CARDS).json(&body).send().await.data()["version"], 1);
    body["description"] = json!("x".repeat(1024 * 1024));
    world.operator(Method::POST, CARDS).json(&body).send().await.is(413, "body_too_large");
}

#[actix_web::test]
async fn a_quote_says_what_usage_would_cost_and_by_what() {
    let world = World::new();
    let body = json!({ "slug": "default", "name": "Standard", "meters": meters() });
    world.operator(Method::POST, CARDS).json(&body).send().await.data();
    let backend = world.key(&[Scope::CreditsWrite]).await;
    let usage = json!({
        "meter": "chat", "dimensions": { "model": "small" },
        "quantities": { "input_tokens": 1200, "output_tokens": "50.5" },
    });
    let asked = world.post(&backend, QUOTE, &json!({ "account_id": "ada", "usage": usage })).await;
    matches_schema(&asked.json(), &success(price()));
    let told = asked.data();
    assert_eq!(
        (&told["amount"], &told["exact"], &told["quote"]),
        (&json!(2), &json!("1.3575"), &json!("default@1"))
    );
    assert_eq!(
        told["lines"][1],
        json!({
            "quantity": "output_tokens", "units": "50.5", "rate": "15", "per": 1000, "flat": "0", "credits": "0.7575",
        })
    );

    let image = json!({ "meter": "image" });
    let several = json!({ "usages": [usage, image, usage] });
    let several = world.post(&backend, QUOTE, &several).await;
    matches_schema(
        &several.json(),
        &success(closed(json!({ "amount": whole(), "exact": text(), "prices": list_of(price()) }))),
    );
    let several = several.data();
    assert_eq!((&several["amount"], &several["exact"]), (&json!(6), &json!("5.215")));
    assert_eq!(
        (&several["prices"][1]["amount"], &several["prices"][1]["per_call"]),
        (&json!(3), &json!("2.5"))
    );
    let one = world.post(&backend, QUOTE, &json!({ "usages": [image] })).await.data();
    assert_eq!(one["prices"].as_array().unwrap().len(), 1);

    // A quote outlives the rates that it was made by; a key that acts for one account asks for no other.
    let dear = json!({ "name": "Standard", "meters": [{ "name": "chat", "per_call": 100 }] });
    put(&world, "default", &dear).await.data();
    let mut quoted = usage.clone();
    quoted["quote"] = told["quote"].clone();
    assert_eq!(world.post(&backend, QUOTE, &json!({ "usage": quoted })).await.data(), told);
    world.post(&backend, QUOTE, &json!({ "usage": usage })).await.is(400, "unknown_dimension");
    let bound = world.key_of("bob", &[Scope::CreditsWrite]).await;
    assert_eq!(world.post(&bound, QUOTE, &json!({ "usage": quoted })).await.status, 200);
    let ada = json!({ "account_id": "ada", "usage": quoted });
    world.post(&bound, QUOTE, &ada).await.is(403, "forbidden");
}

#[actix_web::test]
async fn usage_that_cannot_be_priced_is_refused_with_what_is_known_instead() {
    let world = World::new();
    let quote = async |usage: Value| {
        world.operator(Method::POST, QUOTE).json(&json!({ "usage": usage })).send().await
    };
    let none = quote(json!({ "meter": "chat", "quantities": { "input_tokens": 1 } })).await;
    none.is(404, "no_rate_card");
    let body = json!({ "slug": "default", "name": "Standard", "meters": meters() });
    world.operator(Method::POST, CARDS).json(&body).send().await.data();
    let tokens = json!({ "input_tokens": 1 });
    for (usage, status, code, details) in [
        (
            json!({ "meter": "video", "quantities": {} }),
            400,
            "unknown_meter",
            json!({ "rate_card": "default", "version": 1, "meter": "video" }),
        ),
        (
            json!({ "meter": "chat", "quantities": { "seconds": 1 } }),
            400,
            "unknown_quantity",
            json!({ "meter": "chat", "quantity": "seconds", "takes": ["input_tokens", "output_tokens"] }),
        ),
        (
            json!({ "meter": "chat", "dimensions": { "size": "xl" }, "quantities": tokens }),
            400,
            "unknown_dimension",
            json!({ "meter": "chat", "dimension": "size", "takes": ["model"] }),
        ),
        (
            json!({ "meter": "chat", "dimensions": { "model": "x".repeat(101) }, "quantities": tokens }),
            400,
            "invalid_dimension",
            json!({ "dimension": "model", "max": 100 }),
        ),
        (
            json!({ "meter": "chat", "quantities": { "input_tokens": -1 } }),
            400,
            "invalid_quantity",
            json!({ "quantity": "input_tokens", "units": "-1", "max": "1000000000000000" }),
        ),
        (
            json!({ "meter": "chat" }),
            400,
            "invalid_quantity",
            json!({ "meter": "chat", "takes": ["input_tokens", "output_tokens"] }),
        ),
        (
            json!({ "meter": "chat", "quantities": { "output_tokens": 1_000_000_000_000_000_u64 } }),
            400,
            "price_too_large",
            json!({ "max": 1_000_000_000_000_u64 }),
        ),
        (
            json!({ "rate_card": "other", "meter": "chat", "quantities": tokens }),
            404,
            "no_rate_card",
            Value::Null,
        ),
        (
            json!({ "quote": "default@2", "meter": "chat", "quantities": tokens }),
            404,
            "no_rate_card",
            Value::Null,
        ),
    ] {
        let answer = quote(usage).await;
        answer.is(status, code);
        assert_eq!(answer.json()["error"]["details"], details, "{}", answer.text());
    }
    let strict = json!([{ "name": "chat", "dimensions": ["model"], "rates": [
        { "quantity": "tokens", "credits": 1, "when": { "model": "large" } }] }]);
    put(&world, "default", &json!({ "name": "Strict", "meters": strict })).await.data();
    let answer = quote(json!({ "meter": "chat", "quantities": { "tokens": 1 } })).await;
    answer.is(400, "no_rate");
    assert_eq!(
        answer.json()["error"]["details"],
        json!({ "meter": "chat", "quantity": "tokens", "dimensions": {} })
    );
}
