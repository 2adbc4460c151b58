//! Refunds and disputes of a gift's payment.

use billing_core::gifts::GiftStatus;
use billing_core::ledger::Actor;
use billing_core::orders::OrderStatus;
use billing_core::payments::{Dispute, DisputeState, PaymentReversalUpdate, Refund, RefundState};
use billing_core::requests::{RefundPayment, Refunded};
use billing_core::values::Money;

use super::super::shop::Shop;

fn usd(minor: i64) -> Money {
    Money::new(minor, "usd".parse().unwrap())
}

fn refund(id: &str, minor: i64) -> PaymentReversalUpdate {
    PaymentReversalUpdate::Refund(Refund::new(id.to_owned(), usd(minor), RefundState::Succeeded))
}

#[tokio::test]
async fn money_that_went_back_before_takes_the_gift_and_brings_it_again_with_itself() {
    let shop = Shop::open().await;
    let (order, code) = shop.bought(3).await;
    let price = order.price.minor;
    shop.payment_reversal("evt_part", refund("re_1", 1)).await;
    assert_eq!(shop.gift(&order).await.status, GiftStatus::Paid);
    shop.payment_reversal("evt_rest", refund("re_2", price - 1)).await;
    assert_eq!(shop.gift(&order).await.status, GiftStatus::Refunded);
    assert_eq!(shop.redeems_gift("bob", &code).await, Err("gift_refunded"));
    let failed = Refund::new("re_2".to_owned(), usd(price - 1), RefundState::Failed);
    shop.payment_reversal("evt_failed", PaymentReversalUpdate::Refund(failed)).await;
    shop.redeems_gift("bob", &code).await.unwrap();
}

#[tokio::test]
async fn a_disputed_gift_waits_for_the_end_of_the_dispute() {
    for (end, then) in
        [(DisputeState::Won, Ok(GiftStatus::Redeemed)), (DisputeState::Lost, Err("gift_refunded"))]
    {
        let shop = Shop::open().await;
        let (order, code) = shop.bought(3).await;
        let dispute = |state| {
            PaymentReversalUpdate::Dispute(Dispute { id: "dp_1".to_owned(), amount: order.price, state })
        };
        shop.payment_reversal("evt_open", dispute(DisputeState::Open)).await;
        assert_eq!(shop.redeems_gift("bob", &code).await, Err("gift_refunded"));
        shop.payment_reversal("evt_end", dispute(end)).await;
        assert_eq!(shop.redeems_gift("bob", &code).await.map(|done| done.gift.status), then);
    }
}

#[tokio::test]
async fn money_that_goes_back_afterwards_takes_the_credits_of_whoever_redeemed_it() {
    let shop = Shop::open().await;
    let (order, code) = shop.bought(3).await;
    shop.redeems_gift("bob", &code).await.unwrap();
    // A third is refunded: the last month goes.
    shop.payment_reversal("evt_1", refund("re_1", order.price.minor / 3)).await;
    assert_eq!(shop.balance("bob").await, 2000);
    shop.comes_to(1, 0);
    assert_eq!(shop.balance("bob").await, 2000);
    shop.comes_to(2, 0);
    assert_eq!(shop.balance("bob").await, 0);
    shop.is_sound("bob").await;

    let shop = Shop::open().await;
    let (order, code) = shop.bought(3).await;
    shop.redeems_gift("bob", &code).await.unwrap();
    shop.payment_reversal("evt_1", refund("re_1", order.price.minor)).await;
    assert_eq!((shop.balance("bob").await, shop.balance("ada").await), (0, 0));
    assert_eq!(shop.gift(&order).await.status, GiftStatus::Redeemed);
    assert_eq!(shop.order("ada", &order).await.status, OrderStatus::Refunded);
    let failed = Refund::new("re_1".to_owned(), order.price, RefundState::Failed);
    shop.payment_reversal("evt_2", PaymentReversalUpdate::Refund(failed)).await;
    assert_eq!(shop.balance("bob").await, 2000);
    for account in ["ada", "bob"] {
        shop.is_sound(account).await;
    }
}

#[tokio::test]
async fn an_operator_gives_the_money_of_a_gift_back() {
    for redeemed in [false, true] {
        let shop = Shop::open().await;
        let (order, code) = shop.bought(2).await;
        if redeemed {
            shop.redeems_gift("bob", &code).await.unwrap();
        }
        let (what, actor) = (Refunded::Order(order.id), Actor::Operator("ann".to_owned()));
        shop.billing.refund(&RefundPayment { what, amount: None, key: None, actor }).await.unwrap();
        let (status, refusal) = if redeemed {
            (GiftStatus::Redeemed, "gift_already_redeemed")
        } else {
            (GiftStatus::Refunded, "gift_refunded")
        };
        assert_eq!(shop.gift(&order).await.status, status);
        assert_eq!(shop.redeems_gift("cleo", &code).await, Err(refusal));
        if redeemed {
            assert_eq!(shop.balance("bob").await, 0);
            shop.is_sound("bob").await;
        }
    }
}
