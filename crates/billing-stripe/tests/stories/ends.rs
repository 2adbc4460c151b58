//! Ending a subscription and keeping it after all, and Stripe's own pages.

use billing_core::Job;
use billing_core::orders::OrderStatus;
use billing_core::payments::{PortalFlow, SubscriptionChange};
use billing_core::requests::ChangeSubscription;
use billing_core::subscriptions::{Subscription, SubscriptionStatus};
use billing_testkit::builders::{ALLOWED_ORIGIN, an_external_id, noon};
use billing_testkit::fixtures::stripe::{Shape, Story, stripe_story};
use billing_testkit::http_fakes::stripe::Fault;
use serde_json::{Value, json};

use super::World;

/// A world in which ada is subscribed, here and at the fake. Answers the subscription as Stripe describes it.
pub(crate) async fn subscribed() -> (World, Value) {
    let world = World::new();
    let started = world.checkout(Story::SubscriptionFirst).await;
    let ids = world.ids(&started);
    let events = stripe_story(Story::SubscriptionFirst, Shape::PostBasil, &ids, noon().plus_seconds(120));
    world.clock.advance(240);
    let mut described = Value::Null;
    for event in &events {
        world.deliver(event).await;
        if event.kind == "customer.subscription.created" {
            let body: Value = serde_json::from_slice(&event.body).unwrap();
            described = body["data"]["object"].clone();
        }
    }
    world.settle().await;
    world.fake.set_now(world.billing.now());
    world.fake.put_subscription(described.clone());
    (world, described)
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
    let (world, _) = subscribed().await;
    let ending = change(&world, SubscriptionChange::CancelAtPeriodEnd).await;
    assert!(ending.cancel_at_period_end);
    assert_eq!(ending.cancel_at, ending.period.map(|period| period.end));
    let kept = change(&world, SubscriptionChange::Resume).await;
    assert_eq!((kept.cancel_at_period_end, kept.cancel_at), (false, None));
    let ended = change(&world, SubscriptionChange::CancelNow).await;
    assert!(ended.status.is_final());
    // Every write under a key of its own, made of our row and its version.
    let writes = world.fake.requests().into_iter().filter(|request| request.path.contains("/subscriptions/"));
    let keys: Vec<_> =
        writes.filter(|request| request.method == "POST").map(|request| request.idempotency_key).collect();
    assert_eq!(keys.len(), 2);
    assert!(keys[0] != keys[1] && keys.iter().all(Option::is_some), "{keys:?}");
}

#[tokio::test]
async fn what_a_schedule_manages_is_ended_kept_and_set_aside_all_the_same() {
    use SubscriptionChange::{CancelAtPeriodEnd, CancelNow, Pause};
    for wanted in [CancelAtPeriodEnd, CancelNow, Pause] {
        let (world, mut described) = subscribed().await;
        described["schedule"] = json!("sub_sched_1");
        world.fake.put_subscription(described);
        let now = change(&world, wanted).await;
        let asked =
            (now.cancel_at_period_end, now.status.is_final(), now.status == SubscriptionStatus::Paused);
        assert_eq!(asked, (wanted == CancelAtPeriodEnd, wanted == CancelNow, wanted == Pause), "{wanted}");
    }
}

#[tokio::test]
async fn an_end_at_once_whose_answer_was_lost_is_no_refusal() {
    let (world, _) = subscribed().await;
    world.fake.inject(Fault::CutAfterEffect);
    let ended = change(&world, SubscriptionChange::CancelNow).await;
    assert!(ended.status.is_final());
}

#[tokio::test]
async fn what_was_set_aside_in_its_trial_or_while_it_is_owed_for_is_taken_up_again() {
    for status in ["trialing", "past_due"] {
        let (world, mut described) = subscribed().await;
        described["status"] = json!(status);
        world.fake.put_subscription(described);
        assert_eq!(change(&world, SubscriptionChange::Pause).await.status, SubscriptionStatus::Paused);
        let resumed = change(&world, SubscriptionChange::Resume).await;
        assert_eq!(resumed.status.as_str(), status);
        let mut requests = world.fake.requests().into_iter().rev();
        let last = requests.find(|request| request.method == "POST").unwrap().params;
        assert_eq!(last, [("pause_collection".to_owned(), String::new())]);
    }
}

#[tokio::test]
async fn an_end_that_was_set_in_the_portal_by_its_time_alone_is_taken_back() {
    let (world, mut described) = subscribed().await;
    let end = described["items"]["data"][0]["current_period_end"].clone();
    described["cancel_at"] = end;
    described["cancel_at_period_end"] = json!(false);
    world.fake.put_subscription(described);
    // Our row learns of it by an answer, as it would by an event.
    assert!(change(&world, SubscriptionChange::CancelAtPeriodEnd).await.cancel_at_period_end);
    let kept = change(&world, SubscriptionChange::Resume).await;
    assert_eq!((kept.cancel_at_period_end, kept.cancel_at), (false, None));
}

#[tokio::test]
async fn news_that_was_under_way_is_still_taken_over_after_an_answer() {
    let (world, described) = subscribed().await;
    change(&world, SubscriptionChange::CancelAtPeriodEnd).await;
    // Stripe's clock is a little behind ours: its event of the same change, and one of later, look older.
    let mut later = described.clone();
    later["status"] = json!("past_due");
    let created = world.billing.now().unix_seconds() - 90;
    let body = json!({
        "id": "evt_later", "object": "event", "type": "customer.subscription.updated", "created": created,
        "livemode": false, "data": { "object": later },
    });
    let event = billing_testkit::fixtures::stripe::FixtureEvent {
        id: "evt_later".to_owned(),
        kind: "customer.subscription.updated".to_owned(),
        name: "later",
        created_at: world.billing.now().plus_seconds(-90),
        body: body.to_string().into_bytes(),
    };
    world.deliver(&event).await;
    let status = world.subscription().await.unwrap();
    assert_eq!(status, SubscriptionStatus::PastDue);
}

#[tokio::test]
async fn a_lost_answer_is_asked_for_again_under_the_same_key() {
    let (world, _) = subscribed().await;
    world.fake.inject(Fault::CutAfterEffect);
    assert!(change(&world, SubscriptionChange::CancelAtPeriodEnd).await.cancel_at_period_end);
    let writes = world.fake.requests().into_iter().filter(|request| request.path.contains("/subscriptions/"));
    let keys: Vec<_> = writes.map(|request| request.idempotency_key).collect();
    assert_eq!((keys.len(), &keys[0]), (2, &keys[1]));
}

#[tokio::test]
async fn the_portal_opens_for_the_accounts_own_customer() {
    let (world, _) = subscribed().await;
    let back = format!("{ALLOWED_ORIGIN}/account");
    let url = world.billing.open_portal(&an_external_id("ada"), None, &back).await.unwrap();
    assert!(url.starts_with(&world.fake.base_url()), "{url}");
    let asked = world.fake.requests().pop().unwrap();
    assert_eq!(asked.param("customer"), Some(world.fake.customers()[0].id.as_str()));
    assert_eq!(asked.param("return_url"), Some(back.as_str()));
}

#[tokio::test]
async fn an_order_that_nobody_paid_expires_and_still_completes_when_the_money_comes() {
    let world = World::new();
    let started = world.checkout(Story::CreditsPaid).await;
    let closes = started.session.expires_at.seconds_since(world.billing.now());
    world.clock.advance(closes + 3600);
    assert_eq!(world.billing.run_due(Job::Orders).await.unwrap().done, 0);
    world.clock.advance(1);
    assert_eq!(world.billing.run_due(Job::Orders).await.unwrap().done, 1);
    assert_eq!(world.order(&started).await, OrderStatus::Expired);
    assert_eq!(world.billing.run_due(Job::Orders).await.unwrap().done, 0);
    for event in stripe_story(Story::CreditsPaid, Shape::PostBasil, &world.ids(&started), world.billing.now())
    {
        world.deliver(&event).await;
    }
    world.settle().await;
    assert_eq!((world.order(&started).await, world.credits().await), (OrderStatus::Completed, 1000));
}

#[tokio::test]
async fn who_comes_back_before_the_event_has_the_credits_already_and_the_event_changes_nothing() {
    let world = World::new();
    let started = world.checkout(Story::CreditsPaid).await;
    let ada = an_external_id("ada");
    let refresh = async || world.billing.refresh_order(&ada, started.order.id).await.unwrap().status;
    assert_eq!(refresh().await, OrderStatus::Pending);
    world.fake.pay(&started.session.id, "pi_1");
    assert_eq!((refresh().await, world.credits().await), (OrderStatus::Completed, 1000));
    let asked = world.fake.requests().len();
    assert_eq!(refresh().await, OrderStatus::Completed);
    assert_eq!(world.fake.requests().len(), asked, "what is settled is not asked for again");
    world.clock.advance(240);
    for event in
        stripe_story(Story::CreditsPaid, Shape::PostBasil, &world.ids(&started), noon().plus_seconds(120))
    {
        world.deliver(&event).await;
    }
    world.settle().await;
    assert_eq!(world.credits().await, 1000);
}

#[tokio::test]
async fn the_portal_opens_on_the_page_that_is_asked_for() {
    let (world, described) = subscribed().await;
    let back = format!("{ALLOWED_ORIGIN}/account");
    for (flow, kind, of) in [
        (PortalFlow::PaymentMethod, "payment_method_update", None),
        (PortalFlow::Cancel, "subscription_cancel", Some("flow_data[subscription_cancel][subscription]")),
        (PortalFlow::Change, "subscription_update", Some("flow_data[subscription_update][subscription]")),
    ] {
        world.billing.open_portal(&an_external_id("ada"), Some(flow), &back).await.unwrap();
        let params = world.fake.requests().pop().unwrap().params;
        let said =
            |name: &str| params.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        assert_eq!(said("flow_data[type]"), Some(kind));
        assert_eq!(of.and_then(said), of.and(described["id"].as_str()));
    }
}

#[tokio::test]
async fn an_order_whose_event_never_came_is_asked_about_before_it_expires() {
    let world = World::new();
    let started = world.checkout(Story::CreditsPaid).await;
    world.fake.pay(&started.session.id, "pi_1");
    let closes = started.session.expires_at.seconds_since(world.billing.now());
    world.clock.advance(closes + 3601);
    // As long as Stripe does not answer, nothing is given up.
    for _ in 0..3 {
        world.fake.inject(Fault::server_error());
    }
    assert_eq!(world.billing.run_due(Job::Orders).await.unwrap().failed, 1);
    assert_eq!(world.order(&started).await, OrderStatus::Pending);
    assert_eq!(world.billing.run_due(Job::Orders).await.unwrap().seen(), 0, "it is passed over for a while");
    world.clock.advance(30);
    assert_eq!(world.billing.run_due(Job::Orders).await.unwrap().done, 1, "a repaired order has not failed");
    assert_eq!((world.order(&started).await, world.credits().await), (OrderStatus::Completed, 1000));
    assert_eq!(world.billing.run_due(Job::Orders).await.unwrap().seen(), 0);
}
