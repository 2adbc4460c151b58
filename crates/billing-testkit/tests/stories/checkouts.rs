//! Purchases.

use std::sync::Arc;

use billing_core::BillingError;
use billing_core::catalog::Interval;
use billing_core::orders::OrderStatus;
use billing_core::payments::{Channel, CheckoutOutcome};
use billing_core::ports::{ProviderError, Received};
use billing_core::requests::{CheckoutRefusal, PackDraft, PurchaseItem, StartCheckout};
use billing_core::values::{PackId, PlanId};
use billing_testkit::builders::{a_checkout, a_pack_draft, a_plan_draft, an_external_id};

use super::shop::{DONE, Shop, told};

#[tokio::test]
async fn a_paid_pack_brings_its_credits_once() {
    let shop = Shop::open().await;
    let started = shop.orders_pack("ada").await;
    assert_eq!((started.order.status, started.replayed), (OrderStatus::Pending, false));
    assert_eq!(shop.balance("ada").await, 0);
    assert_eq!(shop.hears("evt_1", told(&started, CheckoutOutcome::Paid)).await, DONE);
    assert_eq!(shop.waker.nudges(), 1);
    let order = shop.order("ada", &started.order).await;
    assert_eq!((order.status, order.refs.payment.as_deref()), (OrderStatus::Completed, Some("pi_1")));
    assert_eq!(shop.balance("ada").await, 1050);
    // The same event again, and another event of the same payment.
    let again = shop.provider.event("evt_1", told(&started, CheckoutOutcome::Paid));
    assert_eq!(shop.receives(&again).await, Received::Duplicate);
    assert_eq!(shop.works().await.seen(), 0);
    assert_eq!(shop.hears("evt_2", told(&started, CheckoutOutcome::Paid)).await, DONE);
    assert_eq!(shop.balance("ada").await, 1050);
    shop.is_sound("ada").await;
}

#[tokio::test]
async fn what_a_pack_brings_expires_when_the_pack_says() {
    let shop = Shop::open().await;
    let started = shop.orders_pack("ada").await;
    shop.clock.advance(60);
    shop.hears("evt_1", told(&started, CheckoutOutcome::Paid)).await;
    let balance = shop.billing.balance(&an_external_id("ada")).await.unwrap();
    let end = billing_testkit::builders::noon().plus_seconds(60).plus_days(90);
    let expiring: Vec<_> = balance.expiring.iter().map(|part| (part.amount.get(), part.at)).collect();
    assert_eq!(expiring, [(1050, end)]);
    assert_eq!((balance.buckets.purchased.get(), balance.buckets.bonus.get()), (1000, 50));
    shop.clock.set(end);
    assert_eq!(shop.balance("ada").await, 0);
}

#[tokio::test]
async fn what_was_agreed_stays_whatever_the_catalogue_says_later() {
    let shop = Shop::open().await;
    let started = shop.orders_pack("ada").await;
    let dearer =
        PackDraft { price: 5000, credits: billing_core::values::Credits::new(1), ..a_pack_draft("small") };
    shop.billing.publish_pack(Some(shop.pack.id), &dearer).await.unwrap();
    shop.hears("evt_1", told(&started, CheckoutOutcome::Paid)).await;
    assert_eq!(shop.balance("ada").await, 1050);
    assert_eq!(shop.order("ada", &started.order).await.price.minor, 999);
}

#[tokio::test]
async fn money_that_comes_late_still_counts() {
    for news in [CheckoutOutcome::Expired, CheckoutOutcome::Failed, CheckoutOutcome::Processing] {
        let shop = Shop::open().await;
        let started = shop.orders_pack("ada").await;
        assert_eq!(shop.hears("evt_1", told(&started, news)).await, DONE);
        assert_eq!(shop.balance("ada").await, 0);
        assert_eq!(shop.hears("evt_2", told(&started, CheckoutOutcome::Paid)).await, DONE);
        // A later, older event undoes nothing.
        assert_eq!(shop.hears("evt_3", told(&started, news)).await, DONE);
        assert_eq!(shop.order("ada", &started.order).await.status, OrderStatus::Completed);
        assert_eq!(shop.balance("ada").await, 1050);
    }
}

#[tokio::test]
async fn the_same_request_finds_its_open_checkout_again() {
    let shop = Shop::open().await;
    for key in [None, Some("k")] {
        let ask = shop.wants_pack("ada", key);
        let first = shop.billing.start_checkout(&ask).await.unwrap();
        let again = shop.billing.start_checkout(&ask).await.unwrap();
        // The request without a key came first: its order is open, but it is not the order of the key.
        assert!(again.replayed, "{key:?}");
        assert_eq!((again.order.id, again.session), (first.order.id, first.session));
    }
    assert_eq!(shop.orders("ada").await, 2);
    assert_eq!(shop.provider.asked_checkouts().len(), 2);
    assert_eq!(shop.provider.asked_customers(), 1);
}

#[tokio::test]
async fn the_same_request_finds_its_open_checkout_also_once_the_pack_is_off_sale() {
    for key in [None, Some("k")] {
        let shop = Shop::open().await;
        let ask = a_checkout("ada", Channel::named("stripe"), PurchaseItem::Pack(shop.pack.id), key);
        let started = shop.billing.start_checkout(&ask).await.unwrap();
        let off_sale = PackDraft { active: false, ..a_pack_draft("small") };
        shop.billing.publish_pack(Some(shop.pack.id), &off_sale).await.unwrap();
        let again = shop.billing.start_checkout(&ask).await.unwrap();
        assert_eq!((again.replayed, again.session), (true, started.session));
        let other = StartCheckout { account: an_external_id("bob"), ..ask };
        assert_eq!(shop.billing.start_checkout(&other).await.unwrap_err().code(), "not_on_sale");
    }
}

#[tokio::test]
async fn without_a_key_a_request_after_the_checkout_ended_is_a_new_order() {
    let shop = Shop::open().await;
    let first = shop.orders_pack("ada").await;
    shop.clock.set(first.session.expires_at);
    let second = shop.orders_pack("ada").await;
    assert!(!second.replayed && first.order.id != second.order.id);
    shop.hears("evt_1", told(&second, CheckoutOutcome::Paid)).await;
    let third = shop.orders_pack("ada").await;
    assert!(!third.replayed && third.order.id != second.order.id);
    assert_eq!(shop.balance("ada").await, 1050);
}

#[tokio::test]
async fn a_key_belongs_to_what_its_request_said() {
    let shop = Shop::open().await;
    let ask = shop.wants_pack("ada", Some("k"));
    let started = shop.billing.start_checkout(&ask).await.unwrap();
    let other = a_checkout(
        "ada",
        Channel::named("stripe"),
        PurchaseItem::Plan(shop.plan.id, Interval::Monthly),
        Some("k"),
    );
    let refused = shop.billing.start_checkout(&other).await.unwrap_err();
    assert_eq!(refused.code(), "idempotency_key_reused");
    // Another account may use the same key.
    assert!(!shop.billing.start_checkout(&shop.wants_pack("bob", Some("k"))).await.unwrap().replayed);
    // After the payment, the key buys nothing more.
    shop.hears("evt_1", told(&started, CheckoutOutcome::Paid)).await;
    let closed = shop.billing.start_checkout(&ask).await.unwrap_err();
    assert_eq!(closed.code(), "order_closed");
    assert_eq!(shop.orders("ada").await, 1);
}

#[tokio::test]
async fn one_request_at_once_is_one_order() {
    let shop = Arc::new(Shop::open().await);
    let mut running = tokio::task::JoinSet::new();
    for _ in 0..16 {
        let shop = shop.clone();
        running.spawn(async move { shop.billing.start_checkout(&shop.wants_pack("ada", Some("k"))).await });
    }
    let answers = running.join_all().await;
    let first = answers[0].as_ref().unwrap();
    for answer in &answers {
        let answer = answer.as_ref().unwrap();
        assert_eq!((answer.order.id, &answer.session), (first.order.id, &first.session));
    }
    assert_eq!(shop.orders("ada").await, 1);
}

/// A refused request creates no account and sends no request to the provider.
async fn changes_nothing(shop: &Shop, ask: StartCheckout, code: &str) {
    let refused = shop.billing.start_checkout(&ask).await.unwrap_err();
    assert_eq!(refused.code(), code, "{refused:?}");
    assert!(!shop.knows("ada").await, "{code}: made an account");
    assert_eq!(shop.provider.asked(), [], "{code}: asked the provider");
}

#[tokio::test]
async fn a_buyer_is_never_sent_to_a_foreign_page() {
    let shop = Shop::open().await;
    let ask = || shop.wants_pack("ada", None);
    let foreign = "https://evil.example.com/".to_owned();
    changes_nothing(&shop, StartCheckout { success_url: foreign.clone(), ..ask() }, "url_not_allowed").await;
    changes_nothing(&shop, StartCheckout { cancel_url: foreign, ..ask() }, "url_not_allowed").await;
    changes_nothing(&shop, StartCheckout { cancel_url: "/pricing".to_owned(), ..ask() }, "invalid_url").await;
}

#[tokio::test]
async fn what_is_not_on_sale_cannot_be_bought() {
    let shop = Shop::open().await;
    let want = |wanted| a_checkout("ada", Channel::named("stripe"), wanted, None);
    let nowhere = uuid::Uuid::from_u128(404);
    changes_nothing(&shop, want(PurchaseItem::Pack(PackId::from_uuid(nowhere))), "not_found").await;
    let no_plan = PurchaseItem::Plan(PlanId::from_uuid(nowhere), Interval::Monthly);
    changes_nothing(&shop, want(no_plan), "not_found").await;
    let gone = PackDraft { active: false, ..a_pack_draft("gone") };
    let gone = shop.billing.publish_pack(None, &gone).await.unwrap();
    changes_nothing(&shop, want(PurchaseItem::Pack(gone.id)), "not_on_sale").await;
    let bare = shop.billing.publish_plan(None, &a_plan_draft("bare")).await.unwrap();
    changes_nothing(&shop, want(PurchaseItem::Plan(bare.id, Interval::Yearly)), "not_on_sale").await;
    let unpriced = want(PurchaseItem::Plan(bare.id, Interval::Monthly));
    changes_nothing(&shop, unpriced, "plan_not_available_on_channel").await;
    let elsewhere = a_checkout("ada", Channel::named("creem"), PurchaseItem::Pack(shop.pack.id), None);
    changes_nothing(&shop, elsewhere, "channel_not_configured").await;
}

#[tokio::test]
async fn another_accounts_order_is_not_found() {
    let shop = Shop::open().await;
    let started = shop.orders_pack("ada").await;
    shop.orders_pack("bob").await;
    for stranger in ["bob", "nobody"] {
        let refused = shop.billing.order(&an_external_id(stranger), started.order.id).await;
        assert!(matches!(refused, Err(BillingError::NotFound { kind: "order", .. })), "{refused:?}");
    }
}

#[tokio::test]
async fn what_the_provider_refuses_is_a_failed_order() {
    let shop = Shop::open().await;
    let refusal = ProviderError::Refused {
        code: Some("amount_too_small".to_owned()),
        message: "the amount is too small".to_owned(),
        request_id: None,
    };
    shop.provider.answer_checkout(Err(refusal));
    let ask = shop.wants_pack("ada", Some("k"));
    assert_eq!(shop.billing.start_checkout(&ask).await.unwrap_err().code(), "provider_refused");
    let closed = shop.billing.start_checkout(&ask).await.unwrap_err();
    let failed = CheckoutRefusal::OrderClosed(OrderStatus::Failed);
    assert!(matches!(&closed, BillingError::Checkout(refusal) if *refusal == failed), "{closed:?}");
}

#[tokio::test]
async fn a_customer_that_its_provider_does_not_know_is_replaced_once() {
    let shop = Shop::open().await;
    shop.orders_pack("ada").await;
    let unknown =
        || ProviderError::UnknownCustomer { message: "No such customer".to_owned(), request_id: None };
    shop.provider.answer_checkout(Err(unknown()));
    shop.provider.answer_customer(Ok("cus_new".to_owned()));
    shop.billing.start_checkout(&shop.wants_pack("ada", Some("again"))).await.unwrap();
    let customers: Vec<_> =
        shop.provider.asked_checkouts().into_iter().map(|asked| asked.customer.unwrap()).collect();
    assert_eq!(customers.len(), 3);
    assert_eq!((&customers[0], &*customers[2]), (&customers[1], "cus_new"));

    // If the new customer is unknown too, the refusal is returned and the order has failed; no third one is created.
    for _ in 0..2 {
        shop.provider.answer_checkout(Err(unknown()));
    }
    shop.provider.answer_customer(Ok("cus_newer".to_owned()));
    let refused = shop.billing.start_checkout(&shop.wants_pack("ada", Some("once-more"))).await.unwrap_err();
    assert_eq!(refused.code(), "provider_refused");
    assert_eq!(shop.provider.asked_customers(), 3);
}
