//! Failures that public projects had with Creem, each by its name.

use billing_core::payments::Channel;
use billing_core::requests::PurchaseItem;
use billing_core::webhooks::InboxState;
use billing_testkit::builders::{a_checkout, a_pack_draft, creem_product, noon};
use billing_testkit::fixtures::creem::{CreemIds, CreemStory, creem_events, creem_story};
use billing_testkit::http_fakes::creem::{CreemFake, CreemFault};
use serde_json::{Value, json};

use super::{World, ids};

#[tokio::test]
async fn one_payment_told_under_several_ids_and_at_once_grants_once() {
    let world = World::new();
    let plan = world.plan().await;
    let started = world.checkout(plan).await;
    let events = creem_story(CreemStory::Resent, &ids(&started), noon());
    for _ in 0..3 {
        futures(&world, &events).await;
    }
    world.settle().await;
    assert_eq!(world.bought().await.len(), 2);
}

async fn futures(world: &World, events: &[billing_testkit::fixtures::creem::CreemEvent]) {
    for event in events {
        world.deliver(event).await;
    }
}

#[tokio::test]
async fn metadata_that_names_somebody_elses_order_grants_nothing() {
    let world = World::new();
    let plan = world.plan().await;
    let started = world.checkout(plan).await;
    // A payment link of the same product: another checkout, with our order's id in its metadata.
    let forged = CreemIds {
        session: "ch_PaymentLink".to_owned(),
        subscription: "sub_PaymentLink".to_owned(),
        customer: "cust_Somebody".to_owned(),
        ..ids(&started)
    };
    for event in creem_story(CreemStory::FirstPeriod, &forged, noon()) {
        world.deliver(&event).await;
        assert_eq!(world.state_of(&event.id).await, InboxState::Orphan, "{}", event.kind);
    }
    assert_eq!(world.bought().await, []);
    let order =
        world.billing.order(&billing_testkit::builders::an_external_id("ada"), started.order.id).await;
    assert_eq!(order.unwrap().refs.subscription, None);
}

#[tokio::test]
async fn a_change_in_mid_period_is_no_second_allowance() {
    for name in ["subscription.paid.upgrade_proration_same_cycle", "subscription.paid.seats"] {
        let world = World::new();
        let plan = world.plan().await;
        let started = world.checkout(plan).await;
        for event in creem_story(CreemStory::FirstPeriod, &ids(&started), noon()) {
            world.deliver(&event).await;
        }
        let named = creem_events(&ids(&started), noon());
        let (_, mut change) = named.into_iter().find(|(other, _)| other == name).unwrap();
        // Of the same product, so that nothing but the period tells it from a renewal.
        let mut body: Value = serde_json::from_slice(&change.body).unwrap();
        body["object"]["product"] = json!(super::PRODUCT);
        body["object"]["last_transaction_id"] = json!("tran_Change");
        for count in 0..5 {
            body["id"] = json!(format!("evt_change_{count}"));
            body["object"]["last_transaction_id"] = json!(format!("tran_Change{count}"));
            change.body = body.to_string().into_bytes();
            world.deliver(&change).await;
        }
        world.settle().await;
        assert_eq!(world.bought().await.len(), 1, "{name}");
    }
}

#[tokio::test]
async fn an_upgrade_into_a_fresh_cycle_brings_that_cycle_once_whatever_is_told_first() {
    for first_told in ["the first cycle", "the fresh cycle"] {
        let world = World::new();
        let plan = world.plan().await;
        let started = world.checkout(plan).await;
        let named = creem_events(&ids(&started), noon());
        let (_, fresh) = named
            .into_iter()
            .find(|(name, _)| name == "subscription.paid.upgrade_proration_new_cycle")
            .unwrap();
        let told = |count: u32| {
            let mut event = fresh.clone();
            let mut body: Value = serde_json::from_slice(&event.body).unwrap();
            body["object"]["product"] = json!(super::PRODUCT);
            body["id"] = json!(format!("evt_fresh_{count}"));
            body["object"]["last_transaction_id"] = json!(format!("tran_Fresh{count}"));
            event.body = body.to_string().into_bytes();
            event
        };
        let mut events = creem_story(CreemStory::FirstPeriod, &ids(&started), noon());
        // Two more charges of the same cycle bring nothing more.
        let later = (0..3).map(told);
        events = if first_told == "the first cycle" {
            events.into_iter().chain(later).collect()
        } else {
            later.chain(events).collect()
        };
        for event in events {
            world.deliver(&event).await;
        }
        world.settle().await;
        assert_eq!(world.bought().await.len(), 2, "{first_told}");
    }
}

#[tokio::test]
async fn a_paid_period_without_a_transaction_is_kept_and_grants_nothing() {
    let world = World::new();
    let plan = world.plan().await;
    let started = world.checkout(plan).await;
    let story = creem_story(CreemStory::FirstPeriod, &ids(&started), noon());
    world.deliver(&story[0]).await;
    let named = creem_events(&ids(&started), noon());
    let (_, event) = named
        .into_iter()
        .find(|(name, _)| name == "subscription.paid.initial.no_last_transaction_id")
        .unwrap();
    world.deliver(&event).await;
    assert_eq!(world.state_of(&event.id).await, InboxState::Failed);
    assert_eq!(world.bought().await, []);
}

#[tokio::test]
async fn a_trial_brings_its_own_credits_and_the_plans_only_once_it_is_paid() {
    let world = World::new();
    let plan = world.plan().await;
    let started = world.checkout(plan).await;
    let events = creem_story(CreemStory::Trial, &ids(&started), noon());
    world.clock.advance(3600);
    for event in &events[..3] {
        world.deliver(event).await;
    }
    let ada = billing_testkit::builders::an_external_id("ada");
    assert_eq!(world.billing.balance(&ada).await.unwrap().available.get(), 50);
    assert_eq!(world.bought().await, []);
    world.deliver(&events[3]).await;
    assert_eq!(world.bought().await.len(), 1);
}

#[tokio::test]
async fn a_plan_or_pack_without_a_product_is_not_sold() {
    let world = World::new();
    let pack = world.billing.publish_pack(None, &a_pack_draft("bare")).await.unwrap();
    let ask = a_checkout("ada", Channel::named("creem"), PurchaseItem::Pack(pack.id), None);
    let refused = world.billing.start_checkout(&ask).await.unwrap_err();
    assert_eq!(refused.code(), "plan_not_available_on_channel");
    assert_eq!(world.fake.requests(), 0);
}

#[tokio::test]
async fn a_product_that_creem_does_not_know_fails_the_order() {
    let world = World::new();
    let mut draft = a_pack_draft("gone");
    draft.prices = creem_product(CreemFake::NO_PRODUCT);
    let pack = world.billing.publish_pack(None, &draft).await.unwrap();
    let ask = a_checkout("ada", Channel::named("creem"), PurchaseItem::Pack(pack.id), Some("k"));
    let failed = world.billing.start_checkout(&ask).await.unwrap_err();
    assert_eq!(failed.code(), "provider_refused");
    assert_eq!(world.fake.requests(), 1);
}

#[tokio::test]
async fn too_many_requests_are_tried_again_and_a_lost_answer_is_not() {
    let world = World::new();
    let pack = world.pack().await;
    world.fake.inject(CreemFault::Refuse(429));
    world.checkout(pack).await;
    assert_eq!((world.fake.requests(), world.fake.checkouts().len()), (2, 1));
    for fault in [CreemFault::CutAfterEffect, CreemFault::Refuse(500)] {
        let before = world.fake.requests();
        world.fake.inject(fault);
        let ask = a_checkout("bob", Channel::named("creem"), pack, Some("k"));
        let failed = world.billing.start_checkout(&ask).await.unwrap_err();
        assert_eq!(failed.code(), "provider_unavailable");
        assert_eq!(world.fake.requests(), before + 1);
    }
    // Asked again, another checkout is opened, and the order is the same.
    let ask = a_checkout("bob", Channel::named("creem"), pack, Some("k"));
    let opened = world.billing.start_checkout(&ask).await.unwrap();
    assert_eq!(opened.order.session.as_ref().map(|session| session.id.clone()), Some(opened.session.id));
}
