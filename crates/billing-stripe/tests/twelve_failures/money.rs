//! Failures of money: late, none, and back again.

use billing_core::orders::OrderStatus;
use billing_testkit::builders::a_spend_request;
use billing_testkit::fixtures::stripe::{Era, Shape, Story};
use itertools::Itertools;

use crate::shop::{PACK, PLAN, Shop, TRIAL};

/// Of many orders of delivery, so many are played.
const ORDERS: usize = 10;

#[tokio::test]
async fn failure_9_delayed_payments_grant_too_early_or_never() {
    for shape in Shape::ALL {
        let shop = Shop::open().await;
        for (story, brings, ends) in [
            (Story::CreditsSettled, PACK, OrderStatus::Completed),
            (Story::CreditsFailed, 0, OrderStatus::Failed),
        ] {
            let purchase = shop.begins(&format!("{story:?}"), shop.pack).await;
            for event in purchase.told(story, shape) {
                let decided = event.kind.contains("async_payment");
                shop.hears(&event).await;
                if event.kind == "checkout.session.completed" {
                    assert_eq!(shop.credits(&purchase.buyer).await, 0, "nothing before the money is there");
                    assert_eq!(shop.order(&purchase).await, OrderStatus::Pending);
                }
                if decided {
                    assert_eq!(shop.credits(&purchase.buyer).await, brings, "{story:?} {shape:?}");
                }
            }
            shop.settles().await;
            assert_eq!(shop.order(&purchase).await, ends);
            assert_eq!(shop.credits(&purchase.buyer).await, brings);
        }
        // Nothing is due under a full discount, no payment exists, and it is bought all the same.
        let free = shop.begins("free", shop.pack).await;
        let era = if shape == Shape::PostBasil { Era::PostBasil } else { Era::PreBasil };
        shop.hears(&free.event(era, "checkout.session.completed.payment.no_cost")).await;
        assert_eq!((shop.credits("free").await, shop.order(&free).await), (PACK, OrderStatus::Completed));
        let free = shop.begins("free-plan", shop.plan).await;
        shop.hears(&free.event(era, "invoice.paid.subscription_create.free_by_coupon")).await;
        assert_eq!(
            (shop.credits("free-plan").await, shop.order(&free).await),
            (PLAN, OrderStatus::Completed)
        );
    }
}

#[tokio::test]
async fn failure_9_a_trials_empty_invoice_is_taken_for_a_sale() {
    for shape in Shape::ALL {
        let shop = Shop::open().await;
        let purchase = shop.begins("ada", shop.plan).await;
        for event in purchase.told(Story::TrialPaid, shape) {
            shop.hears(&event).await;
            let paid = event.name == "invoice.paid.after_trial";
            assert_eq!(shop.bought("ada").await.len(), usize::from(paid), "{shape:?} {}", event.name);
            assert!(paid || shop.credits("ada").await <= TRIAL);
        }
    }
}

#[tokio::test]
async fn failure_10_refunds_and_disputes_take_too_much_too_little_or_twice() {
    for story in [
        Story::RefundedInParts,
        Story::RefundFailed,
        Story::DisputeLost,
        Story::DisputeWon,
        Story::Inquiry,
        Story::RefundedAndDisputed,
    ] {
        let expected = story.expected();
        for shape in Shape::ALL {
            let shop = Shop::open().await;
            let some = shop.begins(&format!("{story:?}-{shape:?}"), shop.pack).await;
            let count = some.told(story, shape).len();
            let all: usize = (1..=count).product();
            let orders = (0..count).permutations(count).step_by(all.div_ceil(ORDERS).max(1));
            for (number, order) in orders.enumerate() {
                let purchase = shop.begins(&format!("{story:?}-{shape:?}-{number}"), shop.pack).await;
                let events = purchase.told(story, shape);
                for place in &order {
                    shop.hears(&events[*place]).await;
                    shop.hears(&events[*place]).await;
                    let taken: i64 =
                        shop.bought(&purchase.buyer).await.iter().map(|it| it.clawed.get()).sum();
                    assert!(taken <= PACK, "{story:?} {order:?}: {taken}");
                }
                shop.settles().await;
                let left = expected.credits(PACK, 0, purchase.started.order.price.minor);
                assert_eq!(shop.credits(&purchase.buyer).await, left, "{story:?} {shape:?} {order:?}");
                assert_eq!(Some(shop.order(&purchase).await), expected.order, "{story:?} {order:?}");
            }
        }
    }
}

#[tokio::test]
async fn failure_10_what_was_spent_is_not_given_away_with_the_refund() {
    for story in [Story::RefundedInParts, Story::DisputeLost, Story::RefundedAndDisputed] {
        let shop = Shop::open().await;
        let purchase = shop.begins("ada", shop.pack).await;
        let events = purchase.told(story, Shape::PostBasil);
        shop.hears(&events[0]).await;
        shop.billing.spend(a_spend_request("ada", 900, "k")).await.unwrap();
        for event in &events[1..] {
            shop.hears(event).await;
        }
        shop.settles().await;
        let balance = shop.billing.balance(&purchase.who()).await.unwrap();
        // By default it is owed: the next credits pay it first.
        assert_eq!((balance.available.get(), balance.debt.get()), (-900, 900), "{story:?}");
        assert_eq!(shop.order(&purchase).await, OrderStatus::Refunded);
    }
}
