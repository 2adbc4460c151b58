//! Failing items of jobs do not delay others.

use std::sync::Arc;
use std::time::Duration;

use billing_core::jobs::JobReport;
use billing_core::orders::OrderStatus;
use billing_core::payments::{AllowedOrigins, Channel};
use billing_core::ports::StoreError;
use billing_core::requests::{GiveSubscription, PurchaseItem, StartedCheckout};
use billing_core::{Billing, Job};
use billing_testkit::builders::{ALLOWED_ORIGIN, a_checkout, an_external_id, request_key};
use billing_testkit::{ScriptedProvider, SequentialIds, Silence};

use super::shop::Shop;

/// A shop that also sells through the sandbox.
async fn two_channels() -> Shop {
    let shop = Shop::open().await;
    let ids = Arc::new(SequentialIds::starting_at(1_000_000));
    let billing = Billing::builder(shop.store.clone(), shop.clock.clone(), ids)
        .provider(shop.provider.clone())
        .provider(Arc::new(ScriptedProvider::new(Channel::named("sandbox"))))
        .allowed_origins(AllowedOrigins::parse([ALLOWED_ORIGIN]).unwrap())
        .build();
    Shop { billing, ..shop }
}

async fn orders(shop: &Shop, channel: Channel, account: &str) -> StartedCheckout {
    let ask = a_checkout(account, channel, PurchaseItem::Pack(shop.pack.id), None);
    shop.billing.start_checkout(&ask).await.unwrap()
}

/// `stripe` orders through Stripe and then one through the sandbox, all closed for more than an hour.
async fn closed_orders(shop: &Shop, stripe: usize) -> StartedCheckout {
    for number in 0..stripe {
        orders(shop, Channel::named("stripe"), &format!("a{number}")).await;
    }
    shop.clock.advance(1);
    let last = orders(shop, Channel::named("sandbox"), "behind").await;
    shop.clock.advance(2 * 86_400);
    last
}

async fn runs(shop: &Shop, job: Job) -> JobReport {
    let mut all = JobReport::default();
    loop {
        let report = shop.billing.run_due(job).await.unwrap();
        all = all.plus(report);
        if report.seen() == 0 {
            return all;
        }
    }
}

#[tokio::test]
async fn a_provider_that_does_not_answer_is_left_alone_and_others_go_on() {
    let shop = two_channels().await;
    let behind = closed_orders(&shop, 150).await;
    shop.provider.fall_silent(Some(Silence::NoAnswer));
    let report = runs(&shop, Job::Orders).await;
    assert_eq!((report.done, report.failed, report.deferred), (1, 5, 145), "five failures open the breaker");
    assert_eq!(shop.provider.asked_reads(), 5);
    assert_eq!(shop.order("behind", &behind.order).await.status, OrderStatus::Expired);

    // Half-open: one request is let through, and fails.
    shop.clock.advance(30);
    let report = runs(&shop, Job::Orders).await;
    assert_eq!((report.done, report.failed, report.deferred), (0, 1, 149));
    assert_eq!(shop.provider.asked_reads(), 6);

    shop.provider.fall_silent(None);
    shop.clock.advance(300);
    let report = runs(&shop, Job::Orders).await;
    assert_eq!((report.done, report.failed, report.deferred), (150, 0, 0));
}

#[tokio::test]
async fn a_provider_that_hangs_has_eight_calls_at_once_and_takes_no_others_turn() {
    let shop = two_channels().await;
    let behind = closed_orders(&shop, 50).await;
    shop.provider.fall_silent(Some(Silence::Hangs));
    let run = tokio::time::timeout(Duration::ZERO, shop.billing.run_due(Job::Orders));
    assert!(run.await.is_err(), "it waits for the provider");
    assert_eq!(shop.provider.asked_reads(), 8);
    assert_eq!(shop.order("behind", &behind.order).await.status, OrderStatus::Expired);
}

#[tokio::test]
async fn an_item_that_fails_again_and_again_is_tried_less_and_less() {
    let shop = two_channels().await;
    closed_orders(&shop, 1).await;
    shop.provider.fall_silent(Some(Silence::NoAnswer));
    runs(&shop, Job::Orders).await;
    let mut tried = vec![shop.provider.asked_reads()];
    for _ in 0..3 {
        for _ in 0..120 {
            shop.clock.advance(1);
            shop.billing.run_due(Job::Orders).await.unwrap();
        }
        tried.push(shop.provider.asked_reads());
    }
    assert_eq!(tried, [1, 4, 5, 5]);
}

#[tokio::test]
async fn a_gift_that_cannot_be_ended_holds_up_no_other() {
    let shop = Shop::open().await;
    for name in ["ada", "bob", "eve"] {
        let ask = GiveSubscription {
            account: an_external_id(name),
            plan: shop.plan.id,
            months: 1,
            reason: "for a reason".to_owned(),
            actor: billing_core::ledger::Actor::User,
            key: request_key(name),
        };
        shop.billing.give_subscription(&ask).await.unwrap();
    }
    shop.clock.advance(40 * 86_400);
    shop.store.fail_next_write(StoreError::Corrupt("a row".to_owned()));
    let report = runs(&shop, Job::Gifts).await;
    assert_eq!((report.done, report.failed), (2, 1));
    shop.clock.advance(30);
    assert_eq!(runs(&shop, Job::Gifts).await.done, 1);
}
