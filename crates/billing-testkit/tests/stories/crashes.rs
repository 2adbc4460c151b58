//! A step fails, and the same request resumes.

use std::sync::Arc;

use billing_core::BillingError;
use billing_core::orders::OrderStatus;
use billing_core::payments::{CheckoutFact, CheckoutOutcome, Fact};
use billing_core::ports::{ProviderError, StoreError};
use billing_core::values::Money;
use billing_testkit::ScriptedProvider;

use super::shop::{DONE, Shop, told};

fn no_answer() -> ProviderError {
    ProviderError::Unknown { message: "the connection was cut".to_owned(), request_id: None }
}

fn cut() -> StoreError {
    StoreError::Unavailable(Arc::new(std::io::Error::other("the connection was cut")))
}

#[tokio::test]
async fn a_lost_answer_about_the_customer_is_asked_for_again() {
    let shop = Shop::open().await;
    let ask = shop.wants_pack("ada", Some("k"));
    shop.provider.answer_customer(Err(no_answer()));
    assert_eq!(shop.billing.start_checkout(&ask).await.unwrap_err().code(), "provider_unavailable");
    assert_eq!(shop.provider.asked_checkouts(), []);
    let started = shop.billing.start_checkout(&ask).await.unwrap();
    assert_eq!((shop.orders("ada").await, shop.provider.asked_customers()), (1, 2));
    shop.hears("evt_1", told(&started, CheckoutOutcome::Paid)).await;
    assert_eq!(shop.balance("ada").await, 1050);
}

#[tokio::test]
async fn a_lost_answer_about_the_checkout_is_asked_for_again_word_for_word() {
    let shop = Shop::open().await;
    let ask = shop.wants_pack("ada", Some("k"));
    shop.provider.answer_checkout(Err(no_answer()));
    assert_eq!(shop.billing.start_checkout(&ask).await.unwrap_err().code(), "provider_unavailable");
    // Also much later: the provider's idempotency key is the order's, so the request has to be the same.
    shop.clock.advance(3600);
    let started = shop.billing.start_checkout(&ask).await.unwrap();
    let asked = shop.provider.asked_checkouts();
    assert_eq!((asked.len(), &asked[0]), (2, &asked[1]));
    assert_eq!((started.order.id, shop.provider.asked_customers()), (asked[0].order, 1));
    assert_eq!(shop.orders("ada").await, 1);
}

#[tokio::test]
async fn a_crash_after_the_customer_was_made_makes_no_second_one() {
    let shop = Shop::open().await;
    let ask = shop.wants_pack("ada", Some("k"));
    shop.provider.answer_customer(Err(no_answer()));
    shop.billing.start_checkout(&ask).await.unwrap_err();
    // Account and order exist; the next write is the customer's row.
    shop.store.fail_next_write(cut());
    let failed = shop.billing.start_checkout(&ask).await.unwrap_err();
    assert!(matches!(failed, BillingError::Store(StoreError::Unavailable(_))), "{failed:?}");
    shop.billing.start_checkout(&ask).await.unwrap();
    let asked = shop.provider.asked();
    assert_eq!(asked[0], asked[1], "the provider's key makes both one customer");
    assert_eq!(shop.orders("ada").await, 1);
}

#[tokio::test]
async fn a_crash_after_the_checkout_was_opened_finds_it_again() {
    let shop = Shop::open().await;
    let ask = shop.wants_pack("ada", Some("k"));
    shop.provider.answer_checkout(Err(no_answer()));
    shop.billing.start_checkout(&ask).await.unwrap_err();
    // Account, order and customer exist; the next write is the order's checkout.
    shop.store.fail_next_write(cut());
    shop.billing.start_checkout(&ask).await.unwrap_err();
    let started = shop.billing.start_checkout(&ask).await.unwrap();
    let asked = shop.provider.asked_checkouts();
    assert!(asked.len() == 3 && asked.iter().all(|one| *one == asked[0]), "{asked:?}");
    assert_eq!(started.session, ScriptedProvider::session_of(&asked[0]));
}

#[tokio::test]
async fn a_payment_is_recognised_though_its_checkout_was_never_noted() {
    let shop = Shop::open().await;
    let ask = shop.wants_pack("ada", Some("k"));
    shop.provider.answer_checkout(Err(no_answer()));
    shop.billing.start_checkout(&ask).await.unwrap_err();
    let asked = shop.provider.asked_checkouts().remove(0);
    let fact = CheckoutFact {
        session: ScriptedProvider::session_of(&asked).id,
        outcome: CheckoutOutcome::Paid,
        subscription_mode: false,
        total: Some(asked.price),
        customer: asked.customer.clone(),
        refs: billing_core::orders::OrderRefs::default(),
        order_hint: Some(asked.order),
    };
    // A hint alone is not trusted: anyone can set metadata on a payment link of their own.
    let strangers = [
        CheckoutFact { total: Some(Money { minor: 1, ..asked.price }), ..fact.clone() },
        CheckoutFact { total: None, ..fact.clone() },
        CheckoutFact { customer: Some("cus_other".to_owned()), ..fact.clone() },
        CheckoutFact { customer: None, ..fact.clone() },
    ];
    for (number, stranger) in strangers.into_iter().enumerate() {
        let report = shop.hears(&format!("evt_stranger_{number}"), Fact::Checkout(stranger)).await;
        assert_eq!((report.done, report.orphans), (0, 1));
        assert_eq!(shop.balance("ada").await, 0);
    }
    assert_eq!(shop.hears("evt_1", Fact::Checkout(fact)).await, DONE);
    assert_eq!(shop.balance("ada").await, 1050);
    let closed = shop.billing.start_checkout(&ask).await.unwrap_err();
    assert_eq!(
        closed.to_string(),
        format!("the order of this request is {}; ask again under another key", OrderStatus::Completed)
    );
}

#[tokio::test]
async fn an_event_whose_effect_cannot_be_written_is_tried_again() {
    let shop = Shop::open().await;
    let started = shop.orders_pack("ada").await;
    let delivery = shop.provider.event("evt_1", told(&started, CheckoutOutcome::Paid));
    shop.store.fail_next_write(cut());
    let lost = shop.billing.receive_webhook(
        billing_core::payments::Channel::named("stripe"),
        &delivery.headers,
        &delivery.body,
    );
    assert_eq!(lost.await.unwrap_err().code(), "unavailable", "the provider will send it again");
    shop.receives(&delivery).await;
    shop.store.fail_next_write(cut());
    assert_eq!(shop.works().await.failed, 1);
    assert_eq!((shop.balance("ada").await, shop.works().await.seen()), (0, 0));
    shop.clock.advance(10);
    assert_eq!(shop.works().await, DONE);
    assert_eq!(shop.balance("ada").await, 1050);
    shop.is_sound("ada").await;
}
