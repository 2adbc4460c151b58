//! Paid invoices that are more than one plan's one line.

use billing_core::payments::Channel;
use billing_core::ports::Inbox;
use billing_core::webhooks::InboxState;
use billing_testkit::builders::noon;
use billing_testkit::fixtures::stripe::{Shape, Story, stripe_story};
use serde_json::{Value, json};

use super::World;

/// Delivers a first paid invoice after `change` had its way with it. Answers the credits that it brought and
/// where its event stands.
async fn told(change: impl FnOnce(&mut Value)) -> (i64, InboxState) {
    let world = World::new();
    let started = world.checkout(Story::SubscriptionFirst).await;
    let events = stripe_story(
        Story::SubscriptionFirst,
        Shape::PostBasil,
        &world.ids(&started),
        noon().plus_seconds(120),
    );
    let mut event = events.into_iter().find(|event| event.kind == "invoice.paid").unwrap();
    let mut body: Value = serde_json::from_slice(&event.body).unwrap();
    change(body.pointer_mut("/data/object").unwrap());
    event.body = body.to_string().into_bytes();
    world.clock.advance(240);
    world.deliver(&event).await;
    let kept = world.store.event(Channel::named("stripe"), &event.id).await.unwrap().unwrap();
    (world.credits().await, kept.state)
}

fn line(invoice: &Value) -> Value {
    invoice["lines"]["data"][0].clone()
}

fn add(invoice: &mut Value, line: Value) {
    invoice["lines"]["data"].as_array_mut().unwrap().push(line);
}

#[tokio::test]
async fn an_ordinary_invoice_grants() {
    assert_eq!(told(|_| ()).await, (2000, InboxState::Processed));
}

#[tokio::test]
async fn a_trial_with_a_setup_fee_grants_nothing_of_the_plan() {
    let told = told(|invoice| {
        let mut fee = line(invoice);
        fee["amount"] = json!(5000);
        fee["pricing"]["price_details"]["price"] = json!("price_setup_fee");
        invoice["lines"]["data"][0]["amount"] = json!(0);
        invoice["subtotal"] = json!(5000);
        add(invoice, fee);
    });
    assert_eq!(told.await.0, 0);
}

#[tokio::test]
async fn a_renewal_whose_line_did_not_come_along_is_not_passed_over() {
    let told = told(|invoice| {
        let mut proration = line(invoice);
        proration["parent"]["subscription_item_details"]["proration"] = json!(true);
        invoice["billing_reason"] = json!("subscription_cycle");
        invoice["lines"]["data"] = json!(vec![proration; 10]);
        invoice["lines"]["has_more"] = json!(true);
    });
    assert_eq!(told.await, (0, InboxState::Failed));
}

#[tokio::test]
async fn a_plan_beside_another_price_is_granted() {
    let told = told(|invoice| {
        let mut other = line(invoice);
        other["pricing"]["price_details"]["price"] = json!("price_metered_addon");
        add(invoice, other);
    });
    assert_eq!(told.await, (2000, InboxState::Processed));
}

/// As where a price has tiers: each has a line, with how many of the plan it prices.
#[tokio::test]
async fn two_lines_of_one_plan_and_period_count_together() {
    let told = told(|invoice| {
        let mut tier = line(invoice);
        tier["id"] = json!("il_tier");
        add(invoice, tier);
    });
    assert_eq!(told.await, (4000, InboxState::Processed));
}

/// A second event of one payment need not list its lines as the first did.
#[tokio::test]
async fn another_event_of_a_payment_grants_only_what_is_missing() {
    let world = World::new();
    let started = world.checkout(Story::SubscriptionFirst).await;
    let ids = world.ids(&started);
    let events = stripe_story(Story::SubscriptionFirst, Shape::PostBasil, &ids, noon().plus_seconds(120));
    let mut event = events.into_iter().find(|event| event.kind == "invoice.paid").unwrap();
    let mut body: Value = serde_json::from_slice(&event.body).unwrap();
    let first = line(&body["data"]["object"]);
    let mut second = first.clone();
    second["period"]["start"] = json!(first["period"]["start"].as_i64().unwrap() + 1);
    world.clock.advance(240);
    for (id, lines) in
        [("evt_a", vec![&first]), ("evt_b", vec![&second, &first]), ("evt_c", vec![&first, &second])]
    {
        body["id"] = json!(id);
        body["data"]["object"]["lines"]["data"] = json!(lines);
        event.body = body.to_string().into_bytes();
        world.deliver(&event).await;
        let kept = world.store.event(Channel::named("stripe"), id).await.unwrap().unwrap();
        assert_eq!(kept.state, InboxState::Processed, "{id}: {:?}", kept.note);
    }
    assert_eq!(world.credits().await, 4000);
}

#[tokio::test]
async fn a_renewal_that_a_credit_pays_is_no_trial() {
    let told = told(|invoice| {
        let mut credit = line(invoice);
        credit["parent"]["subscription_item_details"]["proration"] = json!(true);
        credit["amount"] = json!(-credit["amount"].as_i64().unwrap());
        invoice["billing_reason"] = json!("subscription_cycle");
        invoice["subtotal"] = json!(0);
        invoice["total"] = json!(0);
        add(invoice, credit);
    });
    assert_eq!(told.await, (2000, InboxState::Processed));
}
