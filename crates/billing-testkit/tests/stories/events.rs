//! Events arrive twice, at once, early, or never.

use std::sync::Arc;

use billing_core::orders::OrderRefs;
use billing_core::payments::{Channel, CheckoutFact, CheckoutOutcome, Fact, WebhookHeaders};
use billing_core::ports::Inbox;
use billing_core::webhooks::InboxState;
use billing_core::{BillingError, Job};
use billing_testkit::builders::a_session;

use super::shop::{DONE, Shop, told};

#[tokio::test(flavor = "multi_thread")]
async fn many_events_of_one_payment_applied_at_once_grant_once() {
    let shop = Arc::new(Shop::open().await);
    let started = shop.orders_pack("ada").await;
    for number in 0..12 {
        let delivery = shop.provider.event(&format!("evt_{number}"), told(&started, CheckoutOutcome::Paid));
        shop.receives(&delivery).await;
    }
    let mut running = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let shop = shop.clone();
        running.spawn(async move { shop.billing.run_due(Job::Inbox).await.unwrap() });
    }
    let reports = running.join_all().await;
    let failed: u32 = reports.iter().map(|report| report.failed).sum();
    // Events that failed because of concurrent workers are retried.
    shop.clock.advance(60);
    let rest = shop.works().await;
    assert_eq!((rest.done, rest.failed), (failed, 0));
    assert_eq!(shop.balance("ada").await, 1050);
    shop.is_sound("ada").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_event_delivered_many_times_at_once_is_applied_once() {
    let shop = Arc::new(Shop::open().await);
    let started = shop.orders_pack("ada").await;
    let delivery = shop.provider.event("evt_1", told(&started, CheckoutOutcome::Paid));
    let mut running = tokio::task::JoinSet::new();
    for _ in 0..32 {
        let (shop, delivery) = (shop.clone(), delivery.clone());
        running.spawn(async move {
            shop.receives(&delivery).await;
            shop.works().await
        });
    }
    let done: u32 = running.join_all().await.iter().map(|report| report.done).sum();
    assert_eq!((done, shop.balance("ada").await), (1, 1050));
    shop.is_sound("ada").await;
}

#[tokio::test]
async fn an_event_that_comes_early_waits_for_what_it_speaks_of() {
    let shop = Shop::open().await;
    // The provider's event arrives before its response: no order has this checkout yet.
    let early = CheckoutFact {
        session: "cs_early".to_owned(),
        outcome: CheckoutOutcome::Paid,
        subscription_mode: false,
        total: None,
        customer: None,
        refs: OrderRefs::default(),
        order_hint: None,
    };
    let report = shop.hears("evt_1", Fact::Checkout(early)).await;
    assert_eq!((report.done, report.orphans), (0, 1));
    shop.provider.answer_checkout(Ok(a_session("cs_early")));
    shop.orders_pack("ada").await;
    assert_eq!(shop.works().await.seen(), 0, "it waits before it is tried again");
    shop.clock.advance(10);
    assert_eq!(shop.works().await, DONE);
    assert_eq!(shop.balance("ada").await, 1050);
}

#[tokio::test]
async fn what_is_not_signed_is_not_taken_in() {
    let shop = Shop::open().await;
    let started = shop.orders_pack("ada").await;
    let delivery = shop.provider.event("evt_1", told(&started, CheckoutOutcome::Paid));
    let wrong = WebhookHeaders::new([("X-Test-Signature".to_owned(), b"no".to_vec())]);
    for headers in [WebhookHeaders::default(), wrong] {
        let refused = shop.billing.receive_webhook(Channel::named("stripe"), &headers, &delivery.body).await;
        assert_eq!(refused.unwrap_err().code(), "invalid_signature");
    }
    let other =
        shop.billing.receive_webhook(Channel::named("creem"), &delivery.headers, &delivery.body).await;
    assert_eq!(other.unwrap_err().code(), "channel_not_configured");
    let broken = shop.billing.receive_webhook(Channel::named("stripe"), &delivery.headers, b"{").await;
    assert!(matches!(broken, Err(BillingError::Webhook(_))), "{broken:?}");
    assert_eq!((shop.works().await.seen(), shop.waker.nudges()), (0, 0));
}

#[tokio::test]
async fn an_event_that_nobody_understands_holds_nobody_up_and_ends_as_a_dead_letter() {
    let shop = Shop::open().await;
    let started = shop.orders_pack("ada").await;
    shop.receives(&shop.provider.malformed_event("evt_bad", "`amount` is missing")).await;
    shop.receives(&shop.provider.event("evt_1", told(&started, CheckoutOutcome::Paid))).await;
    let report = shop.works().await;
    assert_eq!((report.done, report.failed), (1, 1));
    assert_eq!(shop.balance("ada").await, 1050);
    let mut tries = 1;
    loop {
        shop.clock.advance(3600);
        let report = shop.works().await;
        if report.seen() == 0 {
            break;
        }
        tries += 1;
    }
    let event = shop.store.event(Channel::named("stripe"), "evt_bad").await.unwrap().unwrap();
    assert_eq!((tries, event.attempts, event.state), (80, 80, InboxState::Dead));
    assert!(event.note.unwrap().contains("`amount` is missing"));
}

#[tokio::test]
async fn an_event_that_does_not_concern_us_is_ignored_with_a_reason() {
    let shop = Shop::open().await;
    assert_eq!(shop.hears("evt_1", Fact::Ignored("another product's")).await, DONE);
    let event = shop.store.event(Channel::named("stripe"), "evt_1").await.unwrap().unwrap();
    assert_eq!((event.state, event.note.as_deref()), (InboxState::Ignored, Some("another product's")));
}
