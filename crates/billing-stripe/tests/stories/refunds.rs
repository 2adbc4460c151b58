//! Money given back through Stripe's API.

use billing_core::BillingError;
use billing_core::ledger::Actor;
use billing_core::orders::OrderStatus;
use billing_core::payments::{Payment, SubscriptionChange};
use billing_core::ports::{BillingReads, PaymentQuery};
use billing_core::requests::{ChangeSubscription, RefundPayment, Refunded, StartedCheckout};
use billing_core::subscriptions::SubscriptionStatus;
use billing_core::values::RequestKey;
use billing_testkit::builders::{an_external_id, noon};
use billing_testkit::fixtures::stripe::{Shape, Story, stripe_story};
use billing_testkit::http_fakes::stripe::Fault;

use super::World;
use super::ends::subscribed;

/// A world in which ada has paid, here and at the fake.
async fn paid(story: Story) -> (World, StartedCheckout, Payment) {
    let world = World::new();
    let started = world.checkout(story).await;
    world.clock.advance(240);
    for event in stripe_story(story, Shape::PostBasil, &world.ids(&started), noon().plus_seconds(120)) {
        world.deliver(&event).await;
    }
    world.settle().await;
    let payment = world.store.payments(PaymentQuery::Order(started.order.id)).await.unwrap().remove(0);
    let name = payment.refs.payment.clone().unwrap_or_else(|| "pi_of_invoice".to_owned());
    world.fake.put_payment(&name, payment.refs.invoice.as_deref(), (payment.paid.minor, "usd"));
    (world, started, payment)
}

async fn refund(
    world: &World,
    payment: &Payment,
    amount: Option<i64>,
    key: &str,
) -> Result<Payment, BillingError> {
    let what = Refunded::Payment(payment.id);
    let (key, actor) = (Some(RequestKey::parse(key).unwrap()), Actor::Operator("ann".to_owned()));
    world.billing.refund(&RefundPayment { what, amount, key, actor }).await
}

#[tokio::test]
async fn a_payment_is_refunded_in_parts_and_then_whatever_is_left() {
    let (world, started, payment) = paid(Story::CreditsPaid).await;
    let before = world.credits().await;
    let third = payment.paid.minor / 3;
    // The answer is lost once; the retry under the same key finds what was done.
    world.fake.inject(Fault::CutAfterEffect);
    refund(&world, &payment, Some(third), "part").await.unwrap();
    assert_eq!(world.fake.payments()[0].refunded, third);
    assert_eq!(world.credits().await, before - before * third / payment.paid.minor);
    assert_eq!(world.order(&started).await, OrderStatus::PartiallyRefunded);
    refund(&world, &payment, None, "rest").await.unwrap();
    assert_eq!(world.fake.payments()[0].refunded, payment.paid.minor);
    assert_eq!((world.credits().await, world.order(&started).await), (0, OrderStatus::Refunded));
    let asked = world.fake.requests().pop().unwrap();
    assert!(
        asked.params.iter().all(|(name, _)| name != "amount"),
        "all that is left, not so much: {asked:?}"
    );
}

#[tokio::test]
async fn an_invoice_is_refunded_by_the_payment_that_paid_it() {
    let (world, _, payment) = paid(Story::SubscriptionFirst).await;
    refund(&world, &payment, None, "all").await.unwrap();
    let paid = &world.fake.payments()[0];
    assert_eq!(paid.refunded, paid.amount);
    assert_eq!(world.credits().await, 0);
}

#[tokio::test]
async fn what_was_refunded_in_the_dashboard_is_found_and_no_refusal() {
    let (world, started, payment) = paid(Story::CreditsPaid).await;
    world.fake.refund_elsewhere(&payment.refs.payment.clone().unwrap());
    refund(&world, &payment, None, "ours").await.unwrap();
    assert_eq!((world.credits().await, world.order(&started).await), (0, OrderStatus::Refunded));
}

#[tokio::test]
async fn what_stripe_refuses_changes_nothing() {
    let (world, started, payment) = paid(Story::CreditsPaid).await;
    let before = world.credits().await;
    world.fake.inject(Fault::Refuse { status: 400, code: Some("charge_disputed"), should_retry: None });
    let refused = refund(&world, &payment, None, "all").await.unwrap_err();
    assert_eq!(refused.code(), "provider_refused");
    assert_eq!((world.credits().await, world.order(&started).await), (before, OrderStatus::Completed));
}

#[tokio::test]
async fn a_subscription_is_set_aside_and_taken_up_again() {
    let (world, mut described) = subscribed().await;
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
    assert_eq!(change(SubscriptionChange::Pause).await, SubscriptionStatus::Paused);
    assert_eq!(change(SubscriptionChange::Resume).await, SubscriptionStatus::Active);
    let writes = world.fake.requests().into_iter().filter(|request| request.method == "POST");
    let writes: Vec<_> = writes.filter(|request| request.path.contains("/subscriptions/")).collect();
    assert_eq!(writes.len(), 2);
    assert_eq!(writes[0].params, [("pause_collection[behavior]".to_owned(), "void".to_owned())]);

    // A trial that ended without a card is paused by Stripe itself, and resumed by another call.
    described["status"] = serde_json::json!("paused");
    world.fake.put_subscription(described);
    assert_eq!(change(SubscriptionChange::CancelAtPeriodEnd).await, SubscriptionStatus::Paused);
    assert_eq!(change(SubscriptionChange::Resume).await, SubscriptionStatus::Active);
    assert!(world.fake.requests().pop().unwrap().path.ends_with("/resume"));
}
