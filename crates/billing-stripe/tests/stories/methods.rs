//! What a customer pays with, told in any order.

use billing_core::payments::Card;
use billing_testkit::builders::{an_external_id, noon};
use billing_testkit::fixtures::stripe::{FixtureEvent, Story};
use itertools::Itertools;
use serde_json::{Value, json};

use super::World;

fn event(world: &World, id: &str, kind: &str, after: i64, year: u32) -> FixtureEvent {
    let created_at = noon().plus_seconds(after);
    let customer = world.fake.customers()[0].id.clone();
    let detached = kind.ends_with("detached");
    let owner = if detached { Value::Null } else { json!(customer) };
    let before = if detached { json!({ "customer": customer }) } else { json!({}) };
    let body = json!({
        "id": id, "object": "event", "type": kind, "created": created_at.unix_seconds(), "livemode": false,
        "data": { "previous_attributes": before, "object": {
            "id": "pm_1", "object": "payment_method", "type": "card", "customer": owner,
            "card": { "brand": "visa", "last4": "4242", "exp_month": 4, "exp_year": year },
        } },
    });
    FixtureEvent {
        id: id.to_owned(),
        kind: kind.to_owned(),
        name: "method",
        created_at,
        body: body.to_string().into_bytes(),
    }
}

async fn card_after(told: &[(&str, &str, i64, u32)], order: &[usize]) -> Option<Card> {
    let world = World::new();
    world.checkout(Story::CreditsPaid).await;
    world.clock.advance(240);
    for place in order {
        let (id, kind, after, year) = told[*place];
        world.deliver(&event(&world, id, kind, after, year)).await;
    }
    world.settle().await;
    let summary = world.billing.summary(&an_external_id("ada")).await.unwrap();
    summary.payment_method.map(|method| method.card)
}

#[tokio::test]
async fn the_last_word_about_a_card_counts_in_whatever_order_it_comes() {
    let attached = ("evt_1", "payment_method.attached", 0, 2027);
    let renewed = ("evt_2", "payment_method.automatically_updated", 10, 2031);
    let detached = ("evt_3", "payment_method.detached", 20, 2031);
    for order in (0..2).permutations(2) {
        assert_eq!(card_after(&[attached, renewed], &order).await.unwrap().exp_year, 2031, "{order:?}");
    }
    for order in (0..3).permutations(3) {
        assert_eq!(card_after(&[attached, renewed, detached], &order).await, None, "{order:?}");
    }
}
