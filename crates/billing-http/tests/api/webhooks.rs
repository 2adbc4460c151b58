//! Providers' events are taken in as they came, or not at all.

use actix_web::http::Method;
use billing_core::credentials::Scope;
use billing_core::payments::{Channel, Fact};
use billing_core::ports::{Inbox, StoreError};
use billing_core::webhooks::{InboxEvent, InboxState};
use billing_testkit::builders::an_event;
use serde_json::json;

use crate::common::{Answer, Ask, World};

const STRIPE: &str = "/payment/webhook/stripe";

fn signed<'a>(world: &'a World, body: &[u8]) -> Ask<'a> {
    let ask = world.ask(Method::POST, STRIPE).header("x-test-signature", "ok");
    ask.raw("application/json", body.to_vec())
}

async fn stored(world: &World, id: &str) -> Option<InboxEvent> {
    world.store.event(Channel::named("stripe"), id).await.unwrap()
}

fn is_received(answer: &Answer) {
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.json(), json!({ "success": true, "data": { "received": true } }));
}

#[actix_web::test]
async fn an_event_is_stored_byte_for_byte_before_it_is_answered() {
    let world = World::new();
    let body = "{ \"id\":\"evt_1\",\r\n\t\"type\" : \"test\\u002eevent\", \"created\": 1776254400, \"x\":1.0, \"x\":\"ü\" }\n";
    is_received(&signed(&world, body.as_bytes()).send().await);
    let event = stored(&world, "evt_1").await.unwrap();
    assert_eq!(event.body, body.as_bytes());
    assert_eq!(event.state, InboxState::Pending, "applied later, not while the provider waits");
    assert_eq!(world.waker.nudges(), 1);
}

#[actix_web::test]
async fn the_same_event_again_is_welcome_and_changes_nothing() {
    let world = World::new();
    let delivery = world.provider.event("evt_1", Fact::Ignored("a test"));
    is_received(&signed(&world, &delivery.body).send().await);
    let first = stored(&world, "evt_1").await;
    world.clock.advance(60);
    is_received(&signed(&world, &delivery.body).send().await);
    assert_eq!(stored(&world, "evt_1").await, first);
}

#[actix_web::test]
async fn the_content_type_does_not_matter_to_a_signature() {
    let world = World::new();
    for (count, kind) in ["application/json; charset=utf-8", "text/plain", ""].into_iter().enumerate() {
        let body = json!({ "id": format!("evt_{count}"), "type": "t", "created": 1 }).to_string();
        let ask = world.ask(Method::POST, STRIPE).header("x-test-signature", "ok").raw(kind, body);
        is_received(&ask.send().await);
    }
}

#[actix_web::test]
async fn without_the_right_signature_nothing_is_stored() {
    let world = World::new();
    let delivery = world.provider.event("evt_1", Fact::Ignored("a test"));
    for signature in [None, Some(""), Some("wrong"), Some("OK")] {
        let mut ask = world.ask(Method::POST, STRIPE);
        if let Some(signature) = signature {
            ask = ask.header("x-test-signature", signature);
        }
        // An operator's key does not stand in for it.
        let answer =
            ask.bearer(crate::common::BOOTSTRAP).raw("application/json", delivery.body.clone()).send().await;
        answer.is(400, "invalid_signature");
    }
    assert_eq!(stored(&world, "evt_1").await, None);
    assert_eq!(world.waker.nudges(), 0);
}

#[actix_web::test]
async fn what_is_signed_but_no_event_is_refused() {
    let world = World::new();
    for body in ["", "{", "[]", "null", "{\"id\":\"evt_1\"}", "{\"id\":5,\"type\":\"t\",\"created\":1}"] {
        signed(&world, body.as_bytes()).send().await.is(400, "invalid_event");
    }
    assert_eq!(world.waker.nudges(), 0);
}

#[actix_web::test]
async fn only_providers_that_are_set_up_are_listened_to() {
    let world = World::new();
    let post = async |provider: &str| {
        world
            .ask(Method::POST, &format!("/payment/webhook/{provider}"))
            .raw("application/json", "{}")
            .send()
            .await
    };
    for provider in ["Stripe", "stripe%20", "..", "%00"] {
        post(provider).await.is(404, "not_found");
    }
    for provider in ["creem", "paypal"] {
        post(provider).await.is(400, "channel_not_configured");
    }
}

#[actix_web::test]
async fn an_event_may_have_a_mebibyte() {
    let world = World::new();
    let sized = |id: &str, size: usize| {
        let event = json!({ "id": id, "type": "t", "created": 1 }).to_string();
        format!("{event}{}", " ".repeat(size - event.len()))
    };
    is_received(&signed(&world, sized("evt_full", 1024 * 1024).as_bytes()).send().await);
    signed(&world, sized("evt_more", 1024 * 1024 + 1).as_bytes()).send().await.is(413, "body_too_large");
    assert_eq!(stored(&world, "evt_more").await, None);
}

#[actix_web::test]
async fn an_event_that_could_not_be_stored_is_not_answered_as_received() {
    let world = World::new();
    let delivery = world.provider.event("evt_1", Fact::Ignored("a test"));
    world.store.fail_next_write(StoreError::Busy);
    signed(&world, &delivery.body).send().await.is(503, "unavailable");
    assert_eq!(stored(&world, "evt_1").await, None);
    is_received(&signed(&world, &delivery.body).send().await);
}

#[actix_web::test]
async fn what_somebody_has_to_decide_is_listed_with_the_reason() {
    let world = World::new();
    for (id, state, note) in [
        ("evt_1", InboxState::Processed, None),
        ("evt_2", InboxState::NeedsOperator, Some("the period was over before its payment was reported")),
    ] {
        let event = InboxEvent { state, note: note.map(str::to_owned), ..an_event(id, &*world.ids) };
        world.store.receive(event).await.unwrap();
    }
    let key = world.key(&[Scope::BillingAdmin]).await;
    assert_eq!(world.get(&key, "/admin/webhooks").await.data().as_array().unwrap().len(), 2);
    let listed = world.get(&key, "/admin/webhooks?state=needs_operator").await.data();
    assert_eq!(listed.as_array().unwrap().len(), 1);
    assert_eq!((&listed[0]["event_id"], &listed[0]["provider"]), (&json!("evt_2"), &json!("stripe")));
    assert_eq!(listed[0]["note"], "the period was over before its payment was reported");
    world.get(&key, "/admin/webhooks?state=lost").await.is(400, "invalid_request");
    world.get(&key, "/admin/webhooks?account_id=ada").await.is(400, "invalid_request");
    let user = world.key_of("ada", &[Scope::BillingRead]).await;
    world.get(&user, "/admin/webhooks").await.is(403, "forbidden");
}
