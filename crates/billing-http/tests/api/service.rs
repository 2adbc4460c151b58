//! The service around the API.

use actix_web::http::Method;
use billing_http::access::RULES;
use serde_json::{Value, json};

use crate::common::{Answer, World, matches_schema};

async fn ready(world: &World) -> Answer {
    world.ask(Method::GET, "/readyz").send().await
}

#[actix_web::test]
async fn the_process_says_that_it_is_up_whatever_else_is_wrong() {
    let world = World::new();
    world.readiness.drain();
    let answer = world.ask(Method::GET, "/healthz").send().await;
    assert_eq!((answer.status, answer.text().as_str()), (200, "ok"));
    assert_eq!(answer.header("Content-Type"), Some("text/plain; charset=utf-8"));
}

#[actix_web::test]
async fn a_process_that_can_work_is_ready() {
    let answer = ready(&World::new()).await;
    assert_eq!(answer.status, 200);
    let all = json!({
        "ready": true, "database": true, "migrations": true, "writable": true, "background": true, "draining": false,
        "channels": ["stripe"],
    });
    assert_eq!(answer.json(), all);
}

#[actix_web::test]
async fn a_process_whose_database_takes_no_write_is_not_ready() {
    let world = World::new();
    world.store.fail_next_write(billing_core::ports::StoreError::Busy);
    let answer = ready(&world).await;
    assert_eq!((answer.status, &answer.json()["writable"]), (503, &json!(false)));
    assert_eq!(answer.json()["migrations"], true);
}

#[actix_web::test]
async fn a_process_that_is_about_to_stop_is_not_ready() {
    let world = World::new();
    world.readiness.drain();
    let answer = ready(&world).await;
    assert_eq!(answer.status, 503);
    assert_eq!((&answer.json()["ready"], &answer.json()["draining"]), (&json!(false), &json!(true)));
}

#[actix_web::test]
async fn a_process_whose_background_work_is_stuck_is_not_ready() {
    let world = World::new();
    world.readiness.beat(billing_core::ports::Clock::now(&*world.clock));
    world.clock.advance(60);
    assert_eq!(ready(&world).await.status, 200);
    world.clock.advance(1);
    let answer = ready(&world).await;
    assert_eq!(answer.status, 503);
    assert_eq!(answer.json()["background"], false);
    world.readiness.beat(billing_core::ports::Clock::now(&*world.clock));
    assert_eq!(ready(&world).await.status, 200);
}

#[actix_web::test]
async fn every_answer_has_an_id_and_is_kept_by_nobody() {
    let world = World::new();
    let mut seen = std::collections::BTreeSet::new();
    let mut check = |answer: &Answer, what: &str| {
        assert_eq!(answer.header("Cache-Control"), Some("no-store"), "{what}");
        assert_eq!(answer.header("X-Content-Type-Options"), Some("nosniff"), "{what}");
        let id = answer.header("X-Request-Id").unwrap().to_owned();
        matches_schema(&json!(id), &json!({ "format": "uuid" }));
        if answer.status >= 400
            && answer.header("Content-Type") == Some("application/json")
            && what != "/readyz"
        {
            // Document B's errors are two texts and nothing else; the id is in the header alone.
            let document_c = ["/v1/billing/overview", "/v1/billing/credits"].contains(&what);
            let bare = what.starts_with("/v1/billing/") && !document_c;
            let told = if bare { Value::Null } else { json!(id) };
            assert_eq!(answer.json()["request_id"], told, "{what}");
        }
        assert!(seen.insert(id), "{what} has the id of another request");
    };
    for rule in RULES {
        let path = rule.path.replace(['{', '}'], "");
        for method in [Method::GET, Method::POST, Method::PUT, Method::DELETE, Method::OPTIONS, Method::HEAD]
        {
            check(&world.ask(method.clone(), &path).send().await, &path);
            check(&world.operator(method, &path).header("X-Request-Id", "mine").send().await, &path);
        }
    }
    check(&world.ask(Method::GET, "/nowhere").send().await, "/nowhere");
    check(&world.ask(Method::OPTIONS, "/nowhere").send().await, "OPTIONS /nowhere");
}

#[actix_web::test]
async fn errors_are_json_and_a_body_that_was_not_read_ends_the_connection() {
    let world = World::new();
    let answer = world.operator(Method::POST, "/credits/consume").raw("application/json", " ".repeat(70_000));
    let answer = answer.send().await;
    answer.is(413, "body_too_large");
    assert_eq!(answer.header("Content-Type"), Some("application/json"));
}

#[actix_web::test]
async fn the_first_page_leads_on_and_lets_nothing_run() {
    let world = World::new();
    let page = world.ask(Method::GET, "/").send().await;
    assert_eq!(page.status, 200);
    assert_eq!(page.header("Content-Type"), Some("text/html; charset=utf-8"));
    let policy = page.header("Content-Security-Policy").unwrap();
    assert!(
        policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
        "{policy}"
    );
    assert!(!policy.contains("unsafe"), "{policy}");
    let html = page.text();
    assert!(!html.contains("style=") && !html.contains("<script"), "{html}");
    for link in html.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        assert_eq!(world.ask(Method::GET, link).send().await.status, 200, "{link}");
    }
}
