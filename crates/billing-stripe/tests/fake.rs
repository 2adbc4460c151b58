//! That the fake keeps Stripe's manners: whatever these tests see, the adapter is tested against.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

#[expect(dead_code, reason = "not every test needs all of it")]
mod common;

use billing_testkit::http_fakes::stripe::{Fault, StripeFake};
use common::now;
use reqwest::{Client, RequestBuilder, Response};
use serde_json::Value;
use url::form_urlencoded::Serializer;

const PACK: &[(&str, &str)] = &[
    ("mode", "payment"),
    ("success_url", "https://app.example.com/?s={CHECKOUT_SESSION_ID}"),
    ("line_items[0][quantity]", "2"),
    ("line_items[0][price_data][currency]", "eur"),
    ("line_items[0][price_data][unit_amount]", "500"),
    ("line_items[0][price_data][product_data][name]", "Credits"),
    ("metadata[order_id]", "ord_1"),
    ("payment_intent_data[metadata][order_id]", "ord_1"),
];

fn post(fake: &StripeFake, path: &str, params: &[(&str, &str)]) -> RequestBuilder {
    let client = Client::builder().build().unwrap();
    let body = Serializer::new(String::new()).extend_pairs(params).finish();
    client
        .post(format!("{}{path}", fake.base_url()))
        .header("content-type", "application/x-www-form-urlencoded")
        .header("stripe-version", "2026-09-30.endive")
        .bearer_auth(StripeFake::SECRET_KEY)
        .body(body)
}

fn open(fake: &StripeFake, params: &[(&str, &str)]) -> RequestBuilder {
    post(fake, "/v1/checkout/sessions", params)
}

/// `PACK` without what begins with `without`, and with `and`.
fn pack<'a>(without: &str, and: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let kept = PACK.iter().filter(|(name, _)| without.is_empty() || !name.starts_with(without));
    kept.chain(and).copied().collect()
}

async fn error(response: Response) -> (u16, Value) {
    let status = response.status().as_u16();
    let body: Value = response.json().await.unwrap();
    (status, body["error"].clone())
}

fn header<'a>(response: &'a Response, name: &str) -> Option<&'a str> {
    response.headers().get(name).map(|value| value.to_str().unwrap())
}

#[tokio::test]
async fn a_wrong_key_learns_nothing() {
    let fake = StripeFake::start(now());
    let wrong = Client::builder().build().unwrap().post(format!("{}/v1/customers", fake.base_url()));
    let response = wrong.bearer_auth("sk_test_wrong").send().await.unwrap();
    assert_eq!(header(&response, "request-id"), None);
    assert!(header(&response, "www-authenticate").is_some());
    let (status, error) = error(response).await;
    assert_eq!((status, error["type"].as_str()), (401, Some("invalid_request_error")));
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let too_soon = (now().unix_seconds() + 1799).to_string();
    let no_lines: &[(&str, &str)] = &[];
    for (without, and, code, param) in [
        ("mode", no_lines, Some("parameter_missing"), Some("mode")),
        ("success_url", &[], Some("parameter_missing"), Some("success_url")),
        ("line_items", &[], Some("parameter_missing"), Some("line_items")),
        ("line_items[0][quantity]", &[], Some("parameter_missing"), Some("line_items[0][quantity]")),
        ("", &[("colour", "red")], Some("parameter_unknown"), Some("colour")),
        ("", &[("metadata", "x")], Some("parameter_unknown"), Some("metadata")),
        ("", &[("line_items[0][colour]", "red")], Some("parameter_unknown"), Some("line_items[0][colour]")),
        (
            "line_items[0][price_data][unit_amount]",
            &[("line_items[0][price_data][unit_amount]", "9.99")],
            Some("parameter_invalid_integer"),
            Some("line_items[0][price_data][unit_amount]"),
        ),
        (
            "line_items[0][price_data][unit_amount]",
            &[("line_items[0][price_data][unit_amount]", "0")],
            Some("parameter_invalid_integer"),
            Some("line_items[0][price_data][unit_amount]"),
        ),
        (
            "line_items[0][price_data][product_data]",
            &[],
            Some("parameter_missing"),
            Some("line_items[0][price_data][product_data][name]"),
        ),
        ("success_url", &[("success_url", "/back")], Some("url_invalid"), Some("success_url")),
        ("", &[("customer", "cus_nobody")], Some("resource_missing"), Some("customer")),
        ("", &[("subscription_data[metadata][a]", "b")], None, Some("subscription_data")),
        ("", &[("expires_at", too_soon.as_str())], None, Some("expires_at")),
    ] {
        let fake = StripeFake::start(now());
        let response = open(&fake, &pack(without, and)).send().await.unwrap();
        assert!(header(&response, "request-id").is_some());
        let (status, error) = error(response).await;
        assert_eq!(status, 400, "{error}");
        assert_eq!((error["code"].as_str(), error["param"].as_str()), (code, param), "{error}");
        assert_eq!(fake.sessions(), []);
    }
}

#[tokio::test]
async fn a_version_has_to_be_named() {
    let fake = StripeFake::start(now());
    let client = Client::builder().build().unwrap();
    let request =
        client.post(format!("{}/v1/customers", fake.base_url())).bearer_auth(StripeFake::SECRET_KEY);
    assert_eq!(request.send().await.unwrap().status().as_u16(), 400);
}

#[tokio::test]
async fn a_key_has_one_effect_and_one_answer() {
    let fake = StripeFake::start(now());
    let keyed = |params: &[(&str, &str)]| open(&fake, params).header("idempotency-key", "k");
    let first = keyed(PACK).send().await.unwrap();
    assert_eq!(header(&first, "idempotent-replayed"), None);
    assert_eq!(header(&first, "idempotency-key"), Some("k"));
    let original = header(&first, "request-id").unwrap().to_owned();
    let first: Value = first.json().await.unwrap();

    let mut shuffled = PACK.to_vec();
    shuffled.reverse();
    let second = keyed(&shuffled).send().await.unwrap();
    assert_eq!(header(&second, "idempotent-replayed"), Some("true"));
    assert_eq!(header(&second, "original-request"), Some(original.as_str()));
    assert_ne!(header(&second, "request-id"), Some(original.as_str()));
    assert_eq!(second.json::<Value>().await.unwrap(), first);

    let (status, refused) = error(keyed(&pack("metadata", &[])).send().await.unwrap()).await;
    assert_eq!((status, refused["type"].as_str()), (400, Some("idempotency_error")));
    let elsewhere = post(&fake, "/v1/customers", PACK).header("idempotency-key", "k");
    assert_eq!(error(elsewhere.send().await.unwrap()).await.1["type"], "idempotency_error");
    assert_eq!(fake.sessions().len(), 1);
}

#[tokio::test]
async fn what_was_refused_for_its_parameters_is_not_remembered() {
    let fake = StripeFake::start(now());
    let keyed = |params: &[(&str, &str)]| open(&fake, params).header("idempotency-key", "k");
    assert_eq!(keyed(&pack("mode", &[])).send().await.unwrap().status().as_u16(), 400);
    assert_eq!(keyed(PACK).send().await.unwrap().status().as_u16(), 200);
}

#[tokio::test]
async fn a_checkout_can_be_looked_at() {
    let fake = StripeFake::start(now());
    let opened: Value = open(&fake, PACK).send().await.unwrap().json().await.unwrap();
    assert_eq!((opened["amount_total"].as_i64(), opened["status"].as_str()), (Some(1000), Some("open")));
    assert_eq!(opened["metadata"]["order_id"], "ord_1");
    let look = |id: &str| {
        let client = Client::builder().build().unwrap();
        let request = client.get(format!("{}/v1/checkout/sessions/{id}", fake.base_url()));
        request.bearer_auth(StripeFake::SECRET_KEY).header("stripe-version", "v").send()
    };
    let seen: Value = look(opened["id"].as_str().unwrap()).await.unwrap().json().await.unwrap();
    assert_eq!(seen, opened);
    let (status, error) = error(look("cs_nothing").await.unwrap()).await;
    assert_eq!((status, error["code"].as_str()), (404, Some("resource_missing")));
}

#[tokio::test]
async fn faults_wait_in_line() {
    let fake = StripeFake::start(now());
    fake.inject(Fault::rate_limited(Some(true)));
    fake.inject(Fault::CutAfterEffect);
    let limited = open(&fake, PACK).send().await.unwrap();
    assert_eq!(header(&limited, "stripe-should-retry"), Some("true"));
    assert_eq!(limited.status().as_u16(), 429);
    assert_eq!(fake.sessions(), []);
    let cut = open(&fake, PACK).send().await.unwrap();
    assert!(cut.bytes().await.is_err());
    assert_eq!(fake.sessions().len(), 1);
    assert_eq!(open(&fake, PACK).send().await.unwrap().status().as_u16(), 200);
    let seen: Vec<u16> = fake.requests().iter().map(|request| request.status).collect();
    assert_eq!(seen, [429, 200, 200]);
}

#[tokio::test]
async fn it_stops_when_dropped() {
    let fake = StripeFake::start(now());
    let request = open(&fake, PACK);
    drop(fake);
    assert!(request.send().await.is_err());
}
