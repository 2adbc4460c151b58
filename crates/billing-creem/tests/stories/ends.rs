//! Ending a subscription and keeping it after all, and Creem's own pages.

use billing_core::payments::SubscriptionChange;
use billing_core::requests::ChangeSubscription;
use billing_core::subscriptions::{Subscription, SubscriptionStatus};
use billing_testkit::builders::{ALLOWED_ORIGIN, an_external_id, noon};
use billing_testkit::fixtures::creem::{CreemIds, CreemStory, creem_story};
use billing_testkit::http_fakes::creem::CreemFault;
use serde_json::Value;

use super::{World, ids};

/// A world in which ada is subscribed, here and at the fake.
pub(crate) async fn subscribed() -> World {
    let world = World::new();
    let plan = world.plan().await;
    let started = world.checkout(plan).await;
    for event in creem_story(CreemStory::FirstPeriod, &ids(&started), noon()) {
        world.deliver(&event).await;
        if event.kind == "subscription.paid" {
            let body: Value = serde_json::from_slice(&event.body).unwrap();
            world.fake.put_subscription(body["object"].clone());
        }
    }
    world.settle().await;
    world
}

async fn change(world: &World, change: SubscriptionChange) -> Subscription {
    world
        .billing
        .change_subscription(&ChangeSubscription::new(an_external_id("ada"), change))
        .await
        .unwrap()
        .shown
        .subscription
}

#[tokio::test]
async fn an_end_is_set_taken_back_and_set_at_once() {
    let world = subscribed().await;
    let ending = change(&world, SubscriptionChange::CancelAtPeriodEnd).await;
    assert_eq!((ending.status, ending.cancel_at_period_end), (SubscriptionStatus::Active, true));
    let kept = change(&world, SubscriptionChange::Resume).await;
    assert_eq!((kept.status, kept.cancel_at_period_end), (SubscriptionStatus::Active, false));
    let ended = change(&world, SubscriptionChange::CancelNow).await;
    assert_eq!(ended.status, SubscriptionStatus::Canceled);
    // What was paid for stays until its end.
    assert_eq!(ended.ended_at, ended.period.map(|period| period.end));
}

#[tokio::test]
async fn a_lost_answer_is_not_asked_for_again_by_itself() {
    let world = subscribed().await;
    let before = world.fake.requests();
    world.fake.inject(CreemFault::Refuse(500));
    let ada = an_external_id("ada");
    let failed = world
        .billing
        .change_subscription(&ChangeSubscription::new(ada.clone(), SubscriptionChange::CancelNow))
        .await
        .unwrap_err();
    assert_eq!((failed.code(), world.fake.requests()), ("provider_unavailable", before + 1));
    assert_eq!(change(&world, SubscriptionChange::CancelNow).await.status, SubscriptionStatus::Canceled);
}

#[tokio::test]
async fn the_customers_pages_open_for_the_accounts_own_customer() {
    let world = subscribed().await;
    let url = world.billing.open_portal(&an_external_id("ada"), None, ALLOWED_ORIGIN).await.unwrap();
    assert!(url.ends_with(&CreemIds::sample().customer), "{url}");
}
