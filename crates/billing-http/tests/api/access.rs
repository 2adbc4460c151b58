//! Who may call what.

use actix_web::http::Method;
use billing_core::credentials::{KeyText, Scope, Scopes};
use billing_http::access::{Access, RULES, Rule};
use billing_testkit::builders::noon;
use serde_json::json;

use crate::common::{Answer, World, token_with};

/// Where to call a rule's route: with something in place of each name in braces.
fn path(rule: &Rule) -> String {
    let id = "01900000-0000-7000-8000-00000000ffff";
    [
        ("{provider}", "stripe"),
        ("{id}", id),
        ("{external_id}", "ada"),
        ("{slug}", "default"),
        ("{version}", "1"),
    ]
    .iter()
    .fold(rule.path.to_owned(), |path, (name, value)| path.replace(name, value))
}

fn method(rule: &Rule) -> Method {
    Method::from_bytes(rule.method.as_bytes()).unwrap()
}

fn needed(rule: &Rule) -> Option<Scope> {
    match rule.access {
        Access::Public => None,
        Access::Scope(scope) => Some(scope),
    }
}

/// Calls a rule's route with what is in `authorization`.
async fn call(world: &World, rule: &Rule, authorization: &[&str]) -> Answer {
    let mut ask = world.ask(method(rule), &path(rule));
    for value in authorization {
        ask = ask.header("Authorization", value);
    }
    ask.send().await
}

#[track_caller]
fn is_unauthorized(answer: &Answer, challenge: &str, what: &str) {
    answer.is(401, "unauthorized");
    assert_eq!(answer.message(), "Authentication required", "{what}");
    assert_eq!(answer.header("WWW-Authenticate"), Some(challenge), "{what}");
}

/// Whether the request got past the door: whatever is wrong with it, it is not the caller.
fn is_let_in(answer: &Answer) -> bool {
    !matches!(answer.status, 401 | 403 | 405 | 500)
}

#[actix_web::test]
async fn without_a_bearer_credential_nothing_but_public_routes_answers() {
    let world = World::new();
    for rule in RULES {
        for sent in [&[][..], &["Basic YWRhOnNlY3JldA=="], &["Token abc"], &["abc"], &[""]] {
            let answer = call(&world, rule, sent).await;
            if needed(rule).is_some() {
                // RFC 6750 §3.1: nothing that we understand was sent, so there is no error to name.
                is_unauthorized(&answer, "Bearer realm=\"billing\"", &format!("{rule:?} {sent:?}"));
            } else {
                assert!(is_let_in(&answer), "{rule:?}: {answer:?}");
            }
        }
    }
}

#[actix_web::test]
async fn a_credential_that_is_not_good_any_more_or_never_was_is_refused_everywhere() {
    let world = World::new();
    let expired = world.new_key(&[Scope::BillingAdmin], None, Some(noon().plus_seconds(60))).await;
    let revoked = world.new_key(&[Scope::BillingAdmin], None, None).await;
    let rotated = world.new_key(&[Scope::BillingAdmin], None, None).await;
    world.billing.revoke_key(revoked.key.id).await.unwrap();
    world.billing.rotate_key(rotated.key.id, 0, [99; 20]).await.unwrap();
    world.clock.advance(60);
    let unknown = KeyText::new([200; 20]);
    let good = world.key(&[Scope::BillingAdmin]).await;
    let truncated = good[..good.len() - 1].to_owned();
    let bad = [
        "garbage",
        "",
        "a.b.c",
        "billing_key_",
        expired.text.reveal(),
        revoked.text.reveal(),
        rotated.text.reveal(),
        unknown.reveal(),
        &truncated,
        &token_with(json!({ "exp": noon().unix_seconds() - 3600 })),
    ];
    for rule in RULES.iter().filter(|rule| needed(rule).is_some()) {
        for text in bad {
            let answer = call(&world, rule, &[&format!("Bearer {text}")]).await;
            let challenge = "Bearer realm=\"billing\", error=\"invalid_token\"";
            is_unauthorized(&answer, challenge, &format!("{rule:?} {text}"));
        }
        let twice = format!("Bearer {good}");
        is_unauthorized(
            &call(&world, rule, &[&twice, &twice]).await,
            "Bearer realm=\"billing\", error=\"invalid_token\"",
            "two credentials",
        );
    }
}

#[actix_web::test]
async fn each_scope_opens_what_the_table_says_and_nothing_else() {
    let world = World::new();
    for held in Scope::ALL.iter().copied() {
        let key = world.key_of("ada", &[held]).await;
        let token = token_with(json!({ "scope": held.as_str() }));
        for credential in [&key, &token] {
            for rule in RULES {
                let answer = call(&world, rule, &[&format!("bearer {credential}")]).await;
                let Some(scope) = needed(rule) else {
                    assert!(is_let_in(&answer), "{rule:?}");
                    continue;
                };
                if Scopes::new([held]).allow(scope) {
                    assert!(is_let_in(&answer), "{held} on {rule:?}: {answer:?}");
                } else {
                    answer.is(403, "forbidden");
                    assert_eq!(answer.message(), format!("Missing required scope: {scope}"));
                    let challenge =
                        format!("Bearer realm=\"billing\", error=\"insufficient_scope\", scope=\"{scope}\"");
                    assert_eq!(answer.header("WWW-Authenticate"), Some(&*challenge));
                }
            }
        }
    }
}

#[actix_web::test]
async fn a_credential_without_scopes_opens_nothing() {
    let world = World::new();
    let key = world.key(&[]).await;
    let token = token_with(json!({ "scope": "" }));
    for rule in RULES.iter().filter(|rule| needed(rule).is_some()) {
        for credential in [&key, &token] {
            call(&world, rule, &[&format!("Bearer {credential}")]).await.is(403, "forbidden");
        }
    }
}

#[actix_web::test]
async fn the_credential_is_looked_at_before_anything_else_of_the_request() {
    let world = World::new();
    let reader = world.key(&[Scope::BillingRead]).await;
    for rule in RULES.iter().filter(|rule| rule.method != "GET" && needed(rule).is_some()) {
        let nonsense = || world.ask(method(rule), &path(rule)).raw("text/plain", "{").key(" ");
        nonsense().send().await.is(401, "unauthorized");
        nonsense().bearer(&reader).send().await.is(403, "forbidden");
    }
}

#[actix_web::test]
async fn a_credential_in_the_query_is_ignored() {
    let world = World::new();
    let key = world.key(&[Scope::BillingAdmin]).await;
    let answer = world.ask(Method::GET, &format!("/credits/balance?access_token={key}")).send().await;
    answer.is(401, "unauthorized");
}

#[actix_web::test]
async fn the_table_is_the_router() {
    let world = World::new();
    for rule in RULES {
        let listed = |method: &str| {
            let method = if method == "HEAD" { "GET" } else { method };
            RULES.iter().any(|other| other.path == rule.path && other.method == method)
        };
        for name in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "BREW"] {
            let answer =
                world.operator(Method::from_bytes(name.as_bytes()).unwrap(), &path(rule)).send().await;
            if listed(name) {
                assert!(is_let_in(&answer), "{name} {}: {answer:?}", rule.path);
                assert!(!answer.text().contains("nothing at this address"), "{name} {}", rule.path);
            } else {
                answer.is(405, "method_not_allowed");
                let allow = answer.header("Allow").unwrap();
                assert!(allow.split(", ").all(|name| name == "OPTIONS" || listed(name)), "{allow}");
                assert!(allow.contains(rule.method), "{allow}");
            }
        }
    }
}

#[actix_web::test]
async fn head_answers_as_get_does() {
    let world = World::new();
    for rule in RULES.iter().filter(|rule| rule.method == "GET") {
        let get = world.operator(Method::GET, &path(rule)).header("x", "y").send().await;
        let head = world.operator(Method::HEAD, &path(rule)).send().await;
        assert_eq!(head.status, get.status, "{rule:?}");
        assert_eq!(head.header("Content-Type"), get.header("Content-Type"), "{rule:?}");
        if needed(rule).is_some() {
            world.ask(Method::HEAD, &path(rule)).send().await.is(401, "unauthorized");
        }
    }
}

#[actix_web::test]
async fn options_tells_the_methods_to_anybody() {
    let world = World::new();
    for rule in RULES {
        let answer = world.ask(Method::OPTIONS, &path(rule)).send().await;
        assert_eq!(answer.status, 204, "{rule:?}");
        let allow: Vec<_> = answer.header("Allow").unwrap().split(", ").collect();
        assert!(allow.contains(&rule.method) && allow.contains(&"OPTIONS"), "{allow:?}");
        assert_eq!(allow.contains(&"GET"), allow.contains(&"HEAD"), "{allow:?}");
    }
}

#[actix_web::test]
async fn an_unknown_address_is_told_in_the_documents_own_words() {
    let world = World::new();
    for path in ["/nowhere", "/credits", "/credits/balance/", "/admin", "//", "/v1/../credits/balance"] {
        let answer = world.operator(Method::GET, path).send().await;
        answer.is(404, "not_found");
        assert_eq!(answer.json()["success"], false, "{path}");
    }
    for path in ["/api/external/v2/nowhere", "/api/external/v2/billing/summary/"] {
        let answer = world.operator(Method::GET, path).send().await;
        answer.is(404, "not_found");
        let body = answer.json();
        let names: Vec<_> = body.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(names, ["error", "request_id"], "{path}");
    }
}
