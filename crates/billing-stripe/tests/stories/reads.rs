//! Webhooks that are lost, or do not carry all of it: the objects are read.

use billing_core::Job;
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

/// An event that says what became of a reversal, with an id of its own.
fn reversal(like: &FixtureEvent, kind: &str, object: &Value) -> FixtureEvent {
    let id = format!("evt_{}", object["id"].as_str().unwrap());
    let mut body: Value = serde_json::from_slice(&like.body).unwrap();
    (body["id"], body["type"], body["data"]["object"]) = (json!(id), json!(kind), object.clone());
    FixtureEvent { id, kind: kind.to_owned(), body: body.to_string().into_bytes(), ..like.clone() }
}

/// Tells `event`, and lets it be tried again once.
async fn told_and_tried_again(world: &World, event: &FixtureEvent) -> InboxState {
    world.deliver(event).await;
    world.clock.advance(60);
    world.billing.run_due(Job::Inbox).await.unwrap();
    world.store.event(Channel::named("stripe"), &event.id).await.unwrap().unwrap().state
}

#[tokio::test]
async fn a_refund_or_dispute_of_an_invoice_finds_it_by_the_payment_or_its_charge() {
    for (kind, status) in [("refund.updated", "succeeded"), ("charge.dispute.closed", "lost")] {
        for named in [true, false] {
            let (world, _, events) = paid_and_not_told().await;
            let paid = events.iter().find(|event| event.kind == "invoice.paid").unwrap();
            world.deliver(paid).await;
            assert_eq!(world.credits().await, 2000);
            let invoice = object(paid);
            let (amount, currency) = (invoice["amount_paid"].as_i64().unwrap(), "usd");
            world.fake.put_payment("pi_1", invoice["id"].as_str(), (amount, currency));
            let payment = named.then_some("pi_1");
            let object = json!({
                "id": "re_1", "amount": amount, "currency": currency, "status": status,
                "payment_intent": payment, "charge": "ch_pi_1",
            });
            let state = told_and_tried_again(&world, &reversal(paid, kind, &object)).await;
            assert_eq!((state, world.credits().await), (InboxState::Processed, 0), "{kind} {named}");
        }
    }
}

#[tokio::test]
async fn a_refund_of_a_checkout_of_which_nothing_was_told_is_the_first_that_is_heard_of_it() {
    let world = World::new();
    let started = world.checkout(Story::CreditsPaid).await;
    let events = stripe_story(Story::CreditsPaid, Shape::PostBasil, &world.ids(&started), noon());
    let completed = events.iter().find(|event| event.kind == "checkout.session.completed").unwrap();
    let (amount, currency) = (started.order.price.minor, "usd");
    world.fake.pay(&started.session.id, "pi_1");
    world.fake.put_payment("pi_1", None, (amount, currency));
    let object = json!({
        "id": "re_1", "amount": amount / 2, "currency": currency, "status": "succeeded", "payment_intent": "pi_1",
    });
    let state = told_and_tried_again(&world, &reversal(completed, "refund.updated", &object)).await;
    assert_eq!(state, InboxState::Processed);
    assert_eq!(world.order(&started).await, OrderStatus::PartiallyRefunded);
    let left = world.credits().await;
    world.deliver(completed).await;
    world.settle().await;
    let kept = 1000 - 1000 * (amount / 2) / amount;
    assert_eq!((left, world.credits().await), (kept, kept));
}

#[tokio::test]
async fn a_refund_of_something_else_in_the_same_stripe_account_is_looked_up_and_waits() {
    let (world, _, events) = paid_and_not_told().await;
    let object = json!({
        "id": "re_other", "amount": 100, "currency": "usd", "status": "succeeded", "payment_intent": "pi_other",
    });
    let event = reversal(&events[0], "refund.updated", &object);
    world.deliver(&event).await;
    let looked_up =
        || world.fake.requests().iter().filter(|asked| asked.path == "/v1/invoice_payments").count();
    assert_eq!(looked_up(), 0, "its own event may be about to come");
    assert_eq!(told_and_tried_again(&world, &event).await, InboxState::Orphan);
    // At its second attempt, and again after the other events of that round.
    assert_eq!((looked_up(), world.credits().await), (2, 0));
}
