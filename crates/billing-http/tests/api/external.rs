//! The read-only external API keeps to its document in every state that an account can be in.

use actix_web::http::Method;
use billing_core::catalog::{Interval, Plan};
use billing_core::changes::Changes;
use billing_core::credentials::Scope;
use billing_core::subscriptions::{Subscription, SubscriptionStatus};
use billing_core::values::Period;
use billing_testkit::builders::{a_plan, a_subscription, noon};
use serde_json::{Value, json};

use crate::common::shapes::closed;
use crate::common::{World, matches_schema, violations};

const SUMMARY: &str = "/api/external/v2/billing/summary";
const BALANCE: &str = "/api/external/v2/billing/credits/balance";

fn envelope(data: Value) -> Value {
    closed(json!({
        "request_id": { "type": "string", "format": "uuid" },
        "timestamp": { "type": "string", "format": "date-time" },
        "data": data,
    }))
}

/// The document's table of the credits object.
fn credits() -> Value {
    closed(json!({
        "enabled": { "type": "boolean" },
        "balance": { "type": ["integer", "null"] },
        "unit": { "const": "credits" },
    }))
}

/// The document's tables of both objects.
fn summary() -> Value {
    let subscription = closed(json!({
        "type": { "type": ["string", "null"] },
        "status": { "type": ["string", "null"] },
        "billing_cycle": { "enum": ["monthly", "annual", null] },
        "end_date": { "type": ["string", "null"], "format": "date" },
    }));
    closed(json!({ "subscription": subscription, "credits": credits() }))
}

/// Reads both endpoints as ada, checks them against the document, and answers the summary's data.
async fn read(world: &World) -> Value {
    let key = world.key_of("ada", &[Scope::BillingRead]).await;
    let whole = world.get(&key, SUMMARY).await;
    assert_eq!(whole.status, 200, "{}", whole.text());
    matches_schema(&whole.json(), &envelope(summary()));
    let part = world.get(&key, BALANCE).await;
    assert_eq!(part.status, 200, "{}", part.text());
    matches_schema(&part.json(), &envelope(credits()));
    assert_eq!(part.json()["data"], whole.json()["data"]["credits"], "both tell the same balance");
    whole.json()["data"].clone()
}

/// A world in which ada has `change`d a monthly subscription to the plan `standard`.
async fn subscribed(change: impl FnOnce(&mut Subscription)) -> World {
    let world = World::new();
    let account = world.account("ada").await;
    let plan = world.plan(Plan { ..a_plan("standard", &*world.ids) }).await;
    let mut subscription = a_subscription(account.id, &plan, "sub_1", &*world.ids);
    subscription.period = Some(Period { start: noon(), end: noon().plus_days(30) });
    change(&mut subscription);
    world.commit(Changes { subscriptions: vec![subscription], ..Changes::default() }).await;
    world
}

fn nothing() -> Value {
    json!({ "type": null, "status": null, "billing_cycle": null, "end_date": null })
}

#[actix_web::test]
async fn an_account_that_nobody_has_seen_reads_as_empty() {
    let world = World::new();
    let token = crate::common::token_with(json!({ "sub": "stranger" }));
    let before = world.snapshot(&["stranger"]).await;
    for path in [SUMMARY, BALANCE] {
        assert_eq!(world.get(&token, path).await.status, 200);
    }
    let data = world.get(&token, SUMMARY).await.json();
    matches_schema(&data, &envelope(summary()));
    let empty = json!({ "enabled": true, "balance": 0, "unit": "credits" });
    assert_eq!(data["data"], json!({ "subscription": nothing(), "credits": empty }));
    assert_eq!(world.snapshot(&["stranger"]).await, before, "reading makes no account");
}

#[actix_web::test]
async fn an_account_without_a_subscription_has_nulls() {
    let world = World::new();
    world.give("ada", 1250).await;
    let data = read(&world).await;
    assert_eq!(data["subscription"], nothing());
    assert_eq!(data["credits"], json!({ "enabled": true, "balance": 1250, "unit": "credits" }));
}

#[actix_web::test]
async fn a_monthly_subscription() {
    let data = read(&subscribed(|_| {}).await).await;
    let shown = json!({
        "type": "standard", "status": "active", "billing_cycle": "monthly", "end_date": "2026-05-15",
    });
    assert_eq!(data["subscription"], shown);
}

#[actix_web::test]
async fn a_yearly_subscription_is_annual() {
    let world = subscribed(|it| {
        it.interval = Interval::Yearly;
        it.period = Some(Period { start: noon(), end: noon().plus_days(365) });
    });
    let data = read(&world.await).await;
    let shown = json!({
        "type": "standard", "status": "active", "billing_cycle": "annual", "end_date": "2027-04-15",
    });
    assert_eq!(data["subscription"], shown);
}

#[actix_web::test]
async fn every_status_is_told_in_its_own_word() {
    for status in SubscriptionStatus::ALL.iter().copied() {
        let data = read(&subscribed(|it| it.status = status).await).await;
        let shown =
            if matches!(status, SubscriptionStatus::Incomplete | SubscriptionStatus::IncompleteExpired) {
                Value::Null
            } else {
                json!(status.as_str())
            };
        assert_eq!(data["subscription"]["status"], shown, "{status}");
    }
}

#[actix_web::test]
async fn a_trial_is_told_as_such() {
    let world = subscribed(|it| {
        it.status = SubscriptionStatus::Trialing;
        it.trial_end = Some(noon().plus_days(14));
    });
    assert_eq!(read(&world.await).await["subscription"]["status"], "trialing");
}

#[actix_web::test]
async fn a_subscription_that_is_being_canceled_is_active_until_it_ends() {
    let world = subscribed(|it| {
        it.cancel_at_period_end = true;
        it.canceled_at = Some(noon());
    });
    let data = read(&world.await).await;
    assert_eq!(data["subscription"]["status"], "active");
    assert_eq!(data["subscription"]["end_date"], "2026-05-15");
}

#[actix_web::test]
async fn an_ended_subscription_is_shown_for_thirty_days() {
    let world = subscribed(|it| {
        it.status = SubscriptionStatus::Canceled;
        it.ended_at = Some(noon());
    });
    let world = world.await;
    world.clock.advance(30 * 86_400 - 1);
    let data = read(&world).await;
    assert_eq!(data["subscription"]["status"], "canceled");
    assert_eq!(data["subscription"]["type"], "standard");
    world.clock.advance(1);
    assert_eq!(read(&world).await["subscription"], nothing());
}

#[actix_web::test]
async fn a_live_subscription_goes_before_one_that_ended() {
    let world = subscribed(|it| it.status = SubscriptionStatus::PastDue).await;
    let account = world.account("ada").await;
    let plan = world.plan(a_plan("basic", &*world.ids)).await;
    let ended = Subscription {
        status: SubscriptionStatus::Canceled,
        started_at: noon().plus_days(1),
        ..a_subscription(account.id, &plan, "sub_2", &*world.ids)
    };
    world.commit(Changes { subscriptions: vec![ended], ..Changes::default() }).await;
    assert_eq!(read(&world).await["subscription"]["type"], "standard");
}

#[actix_web::test]
async fn a_subscription_without_a_period_has_no_end_date() {
    let data = read(&subscribed(|it| it.period = None).await).await;
    assert_eq!(data["subscription"]["end_date"], Value::Null);
    assert_eq!(data["subscription"]["status"], "active");
}

#[actix_web::test]
async fn no_credits_and_zero_credits_are_different() {
    let world = World::new();
    world.give("ada", 100).await;
    let spend = json!({ "account_id": "ada", "amount": 100 });
    world.operator(Method::POST, "/credits/consume").key("all").json(&spend).send().await.data();
    assert_eq!(read(&world).await["credits"], json!({ "enabled": true, "balance": 0, "unit": "credits" }));

    let off = world.operator(Method::PUT, "/accounts/ada").json(&json!({ "credits_enabled": false }));
    off.send().await.data();
    assert_eq!(
        read(&world).await["credits"],
        json!({ "enabled": false, "balance": null, "unit": "credits" })
    );
}

#[actix_web::test]
async fn each_answer_has_an_id_of_its_own_and_a_time_in_whole_seconds() {
    let world = World::new();
    world.clock.set(billing_core::values::Timestamp::from_micros(noon().micros() + 987_654));
    let key = world.key_of("ada", &[Scope::BillingRead]).await;
    let first = world.get(&key, SUMMARY).await;
    let second = world.get(&key, SUMMARY).await;
    assert_eq!(first.json()["timestamp"], "2026-04-15T12:00:00Z");
    assert_ne!(first.json()["request_id"], second.json()["request_id"]);
    assert_eq!(first.json()["request_id"], first.header("X-Request-Id").unwrap());
}

#[actix_web::test]
async fn errors_are_the_documents() {
    let world = World::new();
    let schema = closed(json!({
        "request_id": { "type": "string", "format": "uuid" },
        "error": closed(json!({ "code": { "type": "string" }, "message": { "type": "string" } })),
    }));
    let writer = world.key_of("ada", &[Scope::BillingWrite]).await;
    let unbound = world.key(&[Scope::BillingRead]).await;
    for path in [SUMMARY, BALANCE] {
        let missing = world.ask(Method::GET, path).send().await;
        missing.is(401, "unauthorized");
        assert_eq!(missing.message(), "Authentication required");
        let invalid = world.get("nonsense", path).await;
        invalid.is(401, "unauthorized");
        assert_eq!(invalid.message(), "Authentication required");
        let forbidden = world.get(&writer, path).await;
        forbidden.is(403, "forbidden");
        assert_eq!(forbidden.message(), "Missing required scope: billing:read");
        let nameless = world.get(&unbound, path).await;
        nameless.is(400, "account_required");
        let wrong_method = world.operator(Method::POST, path).send().await;
        wrong_method.is(405, "method_not_allowed");
        let nonsense = world.operator(Method::GET, &format!("{path}?account_id=%00")).send().await;
        nonsense.is(400, "invalid_request");
        for answer in [missing, invalid, forbidden, nameless, wrong_method, nonsense] {
            matches_schema(&answer.json(), &schema);
        }
    }
}

#[test]
fn the_schema_itself_refuses_what_the_document_does_not_have() {
    let good = json!({ "enabled": true, "balance": 0, "unit": "credits" });
    assert!(violations(&good, &credits(), "$").is_empty());
    for (name, value) in [
        ("balance", json!("0")),
        ("balance", json!(0.5)),
        ("unit", json!("points")),
        ("enabled", Value::Null),
        ("more", json!(1)),
    ] {
        let mut bad = good.clone();
        bad[name] = value;
        assert!(!violations(&bad, &credits(), "$").is_empty(), "{bad}");
    }
    let dated = |date: &str| json!({ "type": null, "status": null, "billing_cycle": null, "end_date": date });
    let whole = |date: &str| json!({ "subscription": dated(date), "credits": good });
    assert!(violations(&whole("2026-12-31"), &summary(), "$").is_empty());
    assert!(!violations(&whole("2026-12-31T00:00:00Z"), &summary(), "$").is_empty());
}
