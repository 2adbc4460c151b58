//! Webhooks that are lost, or do not carry all of it: the objects are read.

use billing_core::orders::OrderStatus;
use billing_core::payments::Channel;
use billing_core::ports::Inbox;
use billing_core::requests::StartedCheckout;
use billing_core::subscriptions::SubscriptionStatus;
use billing_core::webhooks::InboxState;
use billing_testkit::builders::{an_external_id, noon};
use billing_testkit::fixtures::stripe::{FixtureEvent, Shape, Story, stripe_story};
use serde_json::{Value, json};

use super::World;

fn object(event: &FixtureEvent) -> Value {
    let body: Value = serde_json::from_slice(&event.body).unwrap();
    body["data"]["object"].clone()
}

/// A world in which ada has paid for a subscription at the fake, and nothing was told of it; with the events.
async fn paid_and_not_told() -> (World, StartedCheckout, Vec<FixtureEvent>) {
    let world = World::new();
    let started = world.checkout(Story::SubscriptionFirst).await;
    let ids = world.ids(&started);
    let events = stripe_story(Story::SubscriptionFirst, Shape::PostBasil, &ids, noon().plus_seconds(120));
    let of_kind = |kind: &str| object(events.iter().find(|event| event.kind == kind).unwrap());
    let (mut subscription, invoice) = (of_kind("customer.subscription.created"), of_kind("invoice.paid"));
    subscription["status"] = json!("active");
    subscription["latest_invoice"] = invoice["id"].clone();
    let named = |object: &Value| object["id"].as_str().unwrap().to_owned();
    world.fake.subscribe(&started.session.id, &named(&subscription), &named(&invoice));
    world.fake.put_subscription(subscription);
    world.fake.put_invoice(invoice);
    world.clock.advance(240);
    (world, started, events)
}

async fn stands(world: &World) -> Option<SubscriptionStatus> {
    let summary = world.billing.summary(&an_external_id("ada")).await.unwrap();
    summary.subscription.map(|shown| shown.subscription.status)
}

#[tokio::test]
async fn a_refresh_repairs_a_purchase_of_which_no_webhook_came() {
    let (world, started, events) = paid_and_not_told().await;
    assert_eq!((world.credits().await, stands(&world).await), (0, None));
    for _ in 0..2 {
        let order = world.billing.refresh_order(&an_external_id("ada"), started.order.id).await.unwrap();
        assert_eq!(order.status, OrderStatus::Completed);
        assert_eq!((world.credits().await, stands(&world).await), (2000, Some(SubscriptionStatus::Active)));
    }
    for event in events.iter().chain(&events) {
        world.deliver(event).await;
    }
    world.settle().await;
    assert_eq!((world.credits().await, stands(&world).await), (2000, Some(SubscriptionStatus::Active)));
}

#[tokio::test]
async fn one_webhook_of_a_purchase_is_enough_whichever_it_is() {
    for kind in ["checkout.session.completed", "invoice.paid"] {
        let (world, _, events) = paid_and_not_told().await;
        world.deliver(events.iter().find(|event| event.kind == kind).unwrap()).await;
        assert_eq!(
            (world.credits().await, stands(&world).await),
            (2000, Some(SubscriptionStatus::Active)),
            "{kind}"
        );
    }
}

#[tokio::test]
async fn an_invoice_of_more_lines_than_its_event_carries_is_read() {
    let (world, _, events) = paid_and_not_told().await;
    let event = events.iter().find(|event| event.kind == "invoice.paid").unwrap();
    let mut invoice = object(event);
    let whole = invoice["lines"]["data"][0].clone();
    let line = |number: usize| {
        let mut line = whole.clone();
        line["id"] = json!(format!("il_{number}"));
        line["amount"] = json!(0);
        line["pricing"]["price_details"]["price"] = json!("price_metered_addon");
        line
    };
    let lines: Vec<Value> = (0..250).map(line).chain([whole.clone()]).collect();
    invoice["lines"]["data"] = json!(lines);
    world.fake.put_invoice(invoice.clone());
    invoice["lines"]["data"] = json!(lines[..10]);
    invoice["lines"]["has_more"] = json!(true);
    let mut body: Value = serde_json::from_slice(&event.body).unwrap();
    body["data"]["object"] = invoice;
    let event = FixtureEvent { body: body.to_string().into_bytes(), ..event.clone() };
    world.deliver(&event).await;
    let kept = world.store.event(Channel::named("stripe"), &event.id).await.unwrap().unwrap();
    assert_eq!((world.credits().await, kept.state), (2000, InboxState::Processed));
    let pages = world.fake.requests().into_iter().filter(|request| request.path.contains("/lines"));
    assert_eq!(
        pages.count(),
        6,
        "three of the event's invoice, and three with the subscription that was unknown"
    );
}

#[tokio::test]
async fn what_an_event_tells_of_after_a_read_takes_its_place_whatever_our_clock_says() {
    let (world, started, events) = paid_and_not_told().await;
    // Our clock is far ahead of Stripe's.
    world.clock.advance(3600);
    world.billing.refresh_order(&an_external_id("ada"), started.order.id).await.unwrap();
    assert_eq!(stands(&world).await, Some(SubscriptionStatus::Active));
    let event = events.iter().find(|event| event.kind == "customer.subscription.created").unwrap();
    let mut body: Value = serde_json::from_slice(&event.body).unwrap();
    let at = event.created_at.plus_seconds(300);
    body["type"] = json!("customer.subscription.deleted");
    body["created"] = json!(at.unix_seconds());
    body["data"]["object"]["status"] = json!("canceled");
    body["data"]["object"]["ended_at"] = json!(at.unix_seconds());
    let deleted = FixtureEvent {
        id: "evt_deleted_later".to_owned(),
        kind: "customer.subscription.deleted".to_owned(),
        created_at: at,
        body: body.to_string().replace(&event.id, "evt_deleted_later").into_bytes(),
        ..event.clone()
    };
    world.deliver(&deleted).await;
    assert_eq!(stands(&world).await, Some(SubscriptionStatus::Canceled));
}
