//! Failures of money that goes back.

use billing_core::orders::OrderStatus::{self, Completed, PartiallyRefunded, Refunded};
use billing_testkit::builders::a_spend_request;
use billing_testkit::fixtures::creem::CreemStory;
use itertools::Itertools;

use crate::shop::{PACK, Shop, another};

const BOUGHT: &str = "checkout.completed.onetime.exclusive_tax";

/// Events about one pack for 24.20 with tax, what of its 1,000 credits is left in the end, and the order.
const STORIES: [(&[&str], i64, OrderStatus); 9] = [
    // 4.20 of 24.20.
    (&[BOUGHT, "refund.created.onetime.partial_1"], 1000 - 173, PartiallyRefunded),
    (
        &[BOUGHT, "refund.created.onetime.partial_1", "refund.created.onetime.partial_2_cumulative"],
        0,
        Refunded,
    ),
    (&[BOUGHT, "refund.created.onetime.full_incl_tax"], 0, Refunded),
    (&[BOUGHT, "refund.created.onetime.idonly"], 0, Refunded),
    (&[BOUGHT, "refund.created.onetime.no_checkout"], 0, Refunded),
    // On its way is not there yet, and what failed is not gone.
    (&[BOUGHT, "refund.created.onetime.pending"], 1000, Completed),
    (&[BOUGHT, "refund.created.onetime.failed"], 1000, Completed),
    // The refund is what the dispute took.
    (&[BOUGHT, "refund.created.onetime.full_incl_tax", "dispute.created.after_refund"], 0, Refunded),
    (&[BOUGHT, "dispute.created.onetime"], 0, Refunded),
];

#[tokio::test]
async fn failure_11_refunds_and_disputes_are_added_up_wrongly() {
    let shop = Shop::open().await;
    for (number, (names, left, status)) in STORIES.into_iter().enumerate() {
        for (turn, order) in names.iter().permutations(names.len()).enumerate() {
            let purchase = shop.begins(&format!("buyer-{number}-{turn}"), shop.pack).await;
            for name in &order {
                let event = purchase.event(name);
                shop.hears(&event).await;
                shop.hears(&another(&event, &format!("{}_again", event.id), &[])).await;
                let taken: i64 = shop.bought(&purchase.buyer).await.iter().map(|it| it.clawed.get()).sum();
                assert!(taken <= PACK, "{order:?}: {taken}");
            }
            shop.settles().await;
            assert_eq!(shop.credits(&purchase.buyer).await, left, "{order:?}");
            assert_eq!(shop.order(&purchase).await.status, status, "{order:?}");
        }
    }
}

#[tokio::test]
async fn failure_11_a_refund_before_its_payment_or_of_spent_credits_is_lost() {
    let shop = Shop::open().await;
    for (number, order) in (0..3).permutations(3).enumerate() {
        let purchase = shop.begins(&format!("buyer-{number}"), shop.plan).await;
        let events = purchase.told(CreemStory::RefundedFirst);
        for place in &order {
            shop.hears(&events[*place]).await;
        }
        shop.settles().await;
        let bought = shop.bought(&purchase.buyer).await;
        assert_eq!((bought.len(), bought[0].clawed), (1, bought[0].amount), "{order:?}");
        assert_eq!(shop.credits(&purchase.buyer).await, 0, "{order:?}");
    }
    let purchase = shop.begins("ada", shop.pack).await;
    shop.hears(&purchase.event(BOUGHT)).await;
    shop.billing.spend(a_spend_request("ada", 900, "k")).await.unwrap();
    shop.hears(&purchase.event("refund.created.onetime.full_incl_tax")).await;
    assert_eq!(shop.credits("ada").await, -900, "by default it is owed");
}
