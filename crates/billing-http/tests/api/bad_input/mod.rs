//! Bad input is refused in words that help, and changes nothing.

mod accounts;
mod amounts;
mod bodies;
mod failures;
mod fields;
mod purchases;
mod rates;

use actix_web::http::Method;
use billing_testkit::builders::{a_pack, a_plan};
use serde_json::{Value, json};

use crate::common::{Answer, World};

const CONSUME: &str = "/credits/consume";
const MANUAL: &str = "/admin/credits/manual";
const CHECKOUT: &str = "/payment/create-session";
const PLANS: &str = "/admin/billing/plans";
const PACKS: &str = "/admin/billing/packs";
const CONFIG: &str = "/admin/checkin/config";
const CARDS: &str = "/admin/billing/rate-cards";
const QUOTE: &str = "/credits/quote";

/// A request that is fine until a test changes it.
fn good(path: &str) -> Value {
    match path {
        CONSUME => json!({ "account_id": "ada", "amount": 1 }),
        MANUAL => json!({ "account_id": "ada", "amount": 1, "reason": "why" }),
        CHECKOUT => json!({
            "account_id": "ada", "channel": "stripe", "type": "credits", "pack_id": "to be filled in",
            "success_url": "https://app.example.com/paid", "cancel_url": "https://app.example.com/",
        }),
        PLANS => json!({ "slug": "new", "name": "New", "price_monthly": 1, "currency": "USD" }),
        PACKS => json!({ "slug": "new", "name": "New", "price": 1, "currency": "USD", "credits": 1 }),
        CARDS => json!({ "slug": "new", "name": "New", "meters": [a_meter()] }),
        QUOTE => json!({ "usage": { "meter": "chat", "quantities": { "tokens": 1 } } }),
        CONFIG => json!({ "enabled": true, "daily_credits": 5 }),
        _ => json!({ "name": "Ada" }),
    }
}

/// A meter whose rates differ by model, as an operator writes it.
fn a_meter() -> Value {
    let rate = json!({ "quantity": "tokens", "credits": 1, "per": 1000, "when": { "model": "large" } });
    json!({ "name": "chat", "dimensions": ["model"], "rates": [rate], "rounding": "carry" })
}

fn with(path: &str, name: &str, value: Value) -> Value {
    let mut body = good(path);
    body[name] = value;
    body
}

fn without(path: &str, name: &str) -> Value {
    let mut body = good(path);
    body.as_object_mut().unwrap().remove(name);
    body
}

fn method(path: &str) -> Method {
    if path == CONFIG || path.starts_with("/accounts/") { Method::PUT } else { Method::POST }
}

/// A world with an account that has credits, a plan and a pack.
async fn world() -> (World, String, String) {
    let world = World::new();
    world.give("ada", 10).await;
    let plan = world.plan(a_plan("pro", &*world.ids)).await.id.to_string();
    let pack = world.pack(a_pack("small", &*world.ids)).await.id.to_string();
    (world, plan, pack)
}

/// Sends `body` as the operator and checks that it is refused so, and that nothing changed.
async fn refuses(world: &World, path: &str, body: &Value, status: u16, code: &str) -> Answer {
    let names = ["ada", "ghost"];
    let before = world.snapshot(&names).await;
    let answer = world.operator(method(path), path).key("bad").json(body).send().await;
    assert_eq!((answer.status, answer.code().as_str()), (status, code), "{body}: {}", answer.text());
    assert_eq!(world.snapshot(&names).await, before, "{path} {body}");
    speaks_no_rust(&answer);
    answer
}

/// Messages are for people who know the API, not its source.
fn speaks_no_rust(answer: &Answer) {
    for word in
        ["struct", "enum", "i64", "u32", "f64", "Body", "serde", "deserialize", "visitor", "Option", "::"]
    {
        assert!(!answer.text().contains(word), "`{word}` in {}", answer.text());
    }
}
