//! Bodies, queries and headers.

use actix_web::http::Method;
use billing_core::credentials::Scope;
use serde_json::json;

use super::{CHECKOUT, CONSUME, MANUAL, good, speaks_no_rust, world};
use crate::common::BOOTSTRAP;

#[actix_web::test]
async fn a_body_has_to_be_json_and_say_so() {
    let (world, ..) = world().await;
    let body = good(CONSUME).to_string();
    let before = world.snapshot(&["ada"]).await;
    let send = async |kind: &str, body: &str| {
        let body = body.to_owned();
        world.operator(Method::POST, CONSUME).key("k").raw(kind, body).send().await
    };
    for kind in
        ["text/plain", "application/x-www-form-urlencoded", "text/json", "application/json5", "", "nonsense"]
    {
        send(kind, &body).await.is(415, "unsupported_media_type");
    }
    let untyped = world.operator(Method::POST, CONSUME).key("k").send().await;
    untyped.is(415, "unsupported_media_type");
    for text in [
        "",
        " ",
        "{",
        "{\"amount\":}",
        "nope",
        "{\"amount\":1}x",
        "{'amount':1}",
        "{\"amount\":NaN}",
        "{\"amount\":1e999}",
    ] {
        let answer = send("application/json", text).await;
        answer.is(400, "invalid_request");
        speaks_no_rust(&answer);
    }
    for text in ["[]", "null", "5", "\"text\"", "[\"ada\",1,null,null,null]"] {
        let answer = send("application/json", text).await;
        answer.is(400, "invalid_request");
        assert_eq!(answer.message(), "the body must be a JSON object");
    }
    let deep = format!("{{\"metadata\":{}", "[".repeat(60_000));
    send("application/json", &deep).await.is(400, "invalid_request");
    let not_utf8 = world.operator(Method::POST, CONSUME).key("k");
    not_utf8
        .raw("application/json", &b"{\"account_id\":\"\xff\",\"amount\":1}"[..])
        .send()
        .await
        .is(400, "invalid_request");
    assert_eq!(world.snapshot(&["ada"]).await, before);
    for (count, kind) in
        ["application/json", "application/json; charset=utf-8", "Application/JSON;charset=UTF-8"]
            .into_iter()
            .enumerate()
    {
        let answer =
            world.operator(Method::POST, CONSUME).key(&format!("good-{count}")).raw(kind, body.clone());
        assert_eq!(answer.send().await.status, 200, "{kind}");
    }
}

#[actix_web::test]
async fn a_body_has_a_largest_size() {
    let (world, ..) = world().await;
    let filled = |size: usize| {
        let body = good(CONSUME).to_string();
        format!("{}{body}", " ".repeat(size - body.len()))
    };
    let send = async |size: usize| {
        world.operator(Method::POST, CONSUME).key("k").raw("application/json", filled(size)).send().await
    };
    let before = world.snapshot(&["ada"]).await;
    let refused = send(64 * 1024 + 1).await;
    refused.is(413, "body_too_large");
    assert_eq!(world.snapshot(&["ada"]).await, before);
    assert_eq!(send(64 * 1024).await.status, 200);
}

#[actix_web::test]
async fn a_page_that_cannot_be_had_is_refused() {
    let (world, ..) = world().await;
    let key = world.key_of("ada", &[Scope::BillingRead]).await;
    let backend = world.key_of("ada", &[Scope::CreditsWrite]).await;
    for list in [
        "/credits/transactions",
        "/credits/grants",
        "/credits/holds",
        "/orders",
        "/admin/credits/transactions",
    ] {
        let get = async |query: &str| {
            let bearer = match list {
                "/admin/credits/transactions" => BOOTSTRAP,
                "/credits/holds" => &backend,
                _ => &key,
            };
            world.get(bearer, &format!("{list}?{query}")).await
        };
        for query in [
            "limit=0",
            "limit=101",
            "limit=-1",
            "limit=1.5",
            "limit=ten",
            "limit=",
            "limit=99999999999",
            "offset=-1",
            "offset=x",
            "offset=",
            "cursor=nonsense",
            "cursor=",
            "cursor=1&offset=1",
            "cursor=%00",
            "limit=1&limit=2",
        ] {
            let answer = get(query).await;
            assert_eq!((answer.status, answer.code().as_str()), (400, "invalid_request"), "{list}?{query}");
            speaks_no_rust(&answer);
        }
        get("offset=10001").await.is(400, "use_cursor");
        assert_eq!(get("offset=10000&limit=100").await.status, 200);
        assert_eq!(get("limit=1&offset=0").await.status, 200);
    }
    for query in ["from=yesterday", "to=2026-04-15", "from="] {
        world.get(&key, &format!("/credits/transactions?{query}")).await.is(400, "invalid_request");
    }
}

#[actix_web::test]
async fn an_idempotency_key_is_one_visible_word() {
    let (world, _, pack) = world().await;
    let mut checkout = good(CHECKOUT);
    checkout["pack_id"] = json!(pack);
    let before = world.snapshot(&["ada"]).await;
    let long = "x".repeat(256);
    for path in [CONSUME, MANUAL, CHECKOUT] {
        let body = if path == CHECKOUT { checkout.clone() } else { good(path) };
        for key in ["", "a b", "\"\"", "käse", long.as_str()] {
            let answer = world.operator(Method::POST, path).key(key).json(&body).send().await;
            answer.is(400, "invalid_request");
            assert_eq!(answer.json()["error"]["details"]["field"], "Idempotency-Key");
        }
        let twice = world.operator(Method::POST, path).key("a").key("a").json(&body).send().await;
        twice.is(400, "invalid_request");
    }
    let missing = world.operator(Method::POST, CONSUME).json(&good(CONSUME)).send().await;
    missing.is(400, "idempotency_key_required");
    assert_eq!(world.snapshot(&["ada"]).await, before);
    let longest = "x".repeat(255);
    let spent = world.operator(Method::POST, CONSUME).key(&longest).json(&good(CONSUME)).send().await;
    assert_eq!(spent.status, 200);
}
