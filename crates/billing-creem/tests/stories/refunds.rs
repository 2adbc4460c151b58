//! Money given back through Creem's API, and checkouts asked about.

use billing_core::catalog::ChangePolicy;
use billing_core::ledger::Actor;
use billing_core::orders::{Order, OrderStatus};
use billing_core::payments::{Channel, Payment, ProrationBehavior, SubscriptionChange};
use billing_core::ports::{BillingReads, PaymentQuery};
use billing_core::requests::{ChangePlan, ChangeSubscription, PlanDraft, RefundPayment, Refunded};
use billing_core::subscriptions::SubscriptionStatus;
use billing_testkit::builders::{a_plan_draft, an_external_id, monthly_price, noon};
use billing_testkit::fixtures::creem::{CreemEvent, CreemIds, CreemStory, creem_story};
use billing_testkit::http_fakes::creem::CreemFault;
use serde_json::{Value, json};

use super::ends::subscribed;
use super::{World, ids};

/// A world in which ada has bought a pack, here and at the fake.
async fn paid() -> (World, Order, Payment) {
    let world = World::new();
    let pack = world.pack().await;
    let started = world.checkout(pack).await;
    world.deliver(&completed(&ids(&started))).await;
    world.settle().await;
    let payment = world.store.payments(PaymentQuery::Order(started.order.id)).await.unwrap().remove(0);
    world.fake.put_transaction(json!({
        "id": payment.refs.payment, "object": "transaction", "status": "paid", "currency": "USD",
        "amount": payment.paid.minor, "amount_paid": payment.paid.minor, "refunded_amount": null,
    }));
    (world, started.order, payment)
}

/// That a pack was paid.
fn completed(ids: &CreemIds) -> CreemEvent {
    let mut events = creem_story(CreemStory::RefundedInParts, ids, noon()).into_iter();
    events.find(|event| event.kind == "checkout.completed").unwrap()
}

async fn credits(world: &World) -> i64 {
    world.billing.balance(&an_external_id("ada")).await.unwrap().available.get()
}

async fn left(world: &World, order: &Order) -> (i64, OrderStatus) {
    let status = world.billing.order(&an_external_id("ada"), order.id).await.unwrap().status;
    (credits(world).await, status)
}

fn ask(payment: &Payment, amount: Option<i64>) -> RefundPayment {
    let actor = Actor::Operator("ann".to_owned());
    RefundPayment { what: Refunded::Payment(payment.id), amount, key: None, actor }
}

#[tokio::test]
async fn a_payment_is_refunded_in_full_and_a_part_of_it_is_not() {
    let (world, order, payment) = paid().await;
    let requests = world.fake.requests();
    let part = world.billing.refund(&ask(&payment, Some(1))).await.unwrap_err();
    assert_eq!((part.code(), world.fake.requests()), ("partial_refund_unsupported", requests));
    world.billing.refund(&ask(&payment, None)).await.unwrap();
    assert_eq!(left(&world, &order).await, (0, OrderStatus::Refunded));
}

#[tokio::test]
async fn a_refund_whose_answer_was_lost_is_found_and_not_made_again() {
    let (world, order, payment) = paid().await;
    world.fake.inject(CreemFault::CutAfterEffect);
    let lost = world.billing.refund(&ask(&payment, None)).await.unwrap_err();
    assert_eq!(lost.code(), "provider_unavailable");
    assert_eq!(left(&world, &order).await.1, OrderStatus::Completed);
    world.billing.refund(&ask(&payment, None)).await.unwrap();
    assert_eq!(left(&world, &order).await, (0, OrderStatus::Refunded));
}

#[tokio::test]
async fn a_refund_that_is_on_its_way_takes_nothing_and_one_that_fails_is_refused() {
    let (world, order, payment) = paid().await;
    let before = credits(&world).await;
    world.fake.answer_refund("pending");
    world.billing.refund(&ask(&payment, None)).await.unwrap();
    world.fake.answer_refund("failed");
    let failed = world.billing.refund(&ask(&payment, None)).await.unwrap_err();
    assert_eq!(failed.code(), "provider_refused");
    assert_eq!(left(&world, &order).await, (before, OrderStatus::Completed));
}

#[tokio::test]
async fn a_checkout_whose_event_is_late_is_asked_about() {
    let world = World::new();
    let pack = world.pack().await;
    let started = world.checkout(pack).await;
    let ada = an_external_id("ada");
    let refresh = async || world.billing.refresh_order(&ada, started.order.id).await.unwrap().status;
    assert_eq!(refresh().await, OrderStatus::Pending);
    let completed = completed(&ids(&started));
    let body: Value = serde_json::from_slice(&completed.body).unwrap();
    world.fake.put_checkout(body["object"].clone());
    assert_eq!(refresh().await, OrderStatus::Completed);
    let brought = credits(&world).await;
    assert!(brought > 0);
    world.deliver(&completed).await;
    world.settle().await;
    assert_eq!(credits(&world).await, brought);
}

#[tokio::test]
async fn another_plan_is_set_for_the_renewal_and_nothing_is_charged_at_once() {
    let world = subscribed().await;
    let dear = PlanDraft {
        price_monthly: 99_900,
        prices: monthly_price(Channel::named("creem"), "prod_Dear"),
        change_policy: ChangePolicy::Prorate,
        ..a_plan_draft("dear")
    };
    let dear = world.billing.publish_plan(None, &dear).await.unwrap();
    let before = credits(&world).await;
    let ask = ChangePlan {
        account: an_external_id("ada"),
        plan: dear.id,
        interval: None,
        preview: false,
        key: None,
    };
    let changed = world.billing.change_plan(&ask).await.unwrap();
    assert_eq!((changed.offer.money, changed.offer.due_now.minor), (ProrationBehavior::AtRenewal, 0));
    assert_eq!(changed.subscription.subscription.plan, dear.id);
    assert_ne!(changed.subscription.plan.unwrap().id, dear.id, "until then one has what was paid for");
    assert_eq!(credits(&world).await, before);
}

#[tokio::test]
async fn a_subscription_is_set_aside_and_taken_up_again() {
    let world = subscribed().await;
    let ada = an_external_id("ada");
    let change = async |change| {
        world
            .billing
            .change_subscription(&ChangeSubscription::new(ada.clone(), change))
            .await
            .unwrap()
            .shown
            .subscription
            .status
    };
    assert_eq!(change(SubscriptionChange::Pause).await, SubscriptionStatus::Paused);
    assert_eq!(change(SubscriptionChange::Resume).await, SubscriptionStatus::Active);
}
