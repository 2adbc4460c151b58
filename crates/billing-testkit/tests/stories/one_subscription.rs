//! Only one subscription is active.

use billing_core::catalog::Interval;
use billing_core::orders::{Order, OrderStatus};
use billing_core::payments::SubscriptionChange::CancelNow;
use billing_core::payments::{
    Channel, Dispute, DisputeState, Fact, PaidPeriod, PaymentRefs, PaymentReversal, PaymentReversalUpdate,
    SubscriptionFact,
};
use billing_core::ports::{BillingReads, PaymentRef, ProviderError, SubscriptionSelector};
use billing_core::requests::{CheckoutRefusal, PurchaseItem};
use billing_core::subscriptions::{Subscription, SubscriptionRole, SubscriptionStatus};
use billing_core::{BillingError, Job};
use billing_testkit::ScriptedProvider;
use billing_testkit::builders::{a_checkout, fingerprint, noon};

use super::shop::{DONE, Shop};
use super::subscriptions::{catches_up, paid, period, subscribed};

/// Two checkouts of one buyer. The second replaced the first, which was paid nevertheless.
async fn two_orders(shop: &Shop) -> [Order; 2] {
    let mut orders = Vec::new();
    for key in ["first", "second"] {
        let mut wanted = a_checkout(
            "ada",
            Channel::named("stripe"),
            PurchaseItem::Plan(shop.plan.id, Interval::Monthly),
            Some(key),
        );
        wanted.request.fingerprint = fingerprint(key);
        orders.push(shop.billing.start_checkout(&wanted).await.unwrap().order);
    }
    orders.try_into().unwrap()
}

fn is_now(order: &Order, id: &str, status: SubscriptionStatus, after_noon: i64) -> Fact {
    let at = noon().plus_seconds(after_noon);
    let Fact::Subscription(fact) = subscribed(order, status, at) else { unreachable!() };
    let ended_at = status.is_final().then_some(at);
    Fact::Subscription(SubscriptionFact { id: id.to_owned(), ended_at, ..fact })
}

fn pays(order: &Order, id: &str, invoice: &str) -> Fact {
    let period = paid(order, invoice, Interval::Monthly, 0);
    Fact::PeriodPaid(PaidPeriod { subscription: id.to_owned(), ..period })
}

async fn kept(shop: &Shop, id: &str) -> Subscription {
    shop.store
        .subscription(SubscriptionSelector::Provider(Channel::named("stripe"), id))
        .await
        .unwrap()
        .unwrap()
}

#[tokio::test]
async fn a_second_subscription_that_is_paid_all_the_same_grants_nothing_in_any_order_of_its_news() {
    for payment_first in [false, true] {
        let shop = Shop::open().await;
        let [first, second] = two_orders(&shop).await;
        shop.hears("evt_1", is_now(&first, "sub_1", SubscriptionStatus::Active, 0)).await;
        assert_eq!(shop.hears("evt_2", pays(&first, "sub_1", "in_1")).await, DONE);
        let mut news =
            [is_now(&second, "sub_2", SubscriptionStatus::Active, 5), pays(&second, "sub_2", "in_2")];
        if payment_first {
            news.reverse();
        }
        for (number, fact) in news.into_iter().enumerate() {
            shop.hears(&format!("evt_other_{number}"), fact).await;
        }
        catches_up(&shop).await;
        assert_eq!(shop.balance("ada").await, 2000, "{payment_first}");
        assert_eq!(kept(&shop, "sub_2").await.role, SubscriptionRole::Duplicate);
        assert_eq!(shop.order("ada", &second).await.status, OrderStatus::Completed, "it was paid");
        let summary = shop.billing.summary(&billing_testkit::builders::an_external_id("ada")).await.unwrap();
        assert_eq!(summary.subscription.unwrap().subscription.provider_id, "sub_1");
        shop.is_sound("ada").await;
    }
}

/// Two paid subscriptions.
async fn twice_subscribed(shop: &Shop) -> [Order; 2] {
    let [first, second] = two_orders(shop).await;
    shop.hears("evt_1", is_now(&first, "sub_1", SubscriptionStatus::Active, 0)).await;
    shop.hears("evt_2", pays(&first, "sub_1", "in_1")).await;
    shop.hears("evt_3", is_now(&second, "sub_2", SubscriptionStatus::Active, 5)).await;
    shop.hears("evt_4", pays(&second, "sub_2", "in_2")).await;
    [first, second]
}

async fn returns(shop: &Shop) -> (usize, u32) {
    let report = shop.billing.run_due(Job::Duplicates).await.unwrap();
    (report.done.try_into().unwrap(), report.failed)
}

#[tokio::test]
async fn a_duplicate_subscription_is_canceled_and_refunded_once() {
    let shop = Shop::open().await;
    let [_, second] = twice_subscribed(&shop).await;
    assert_eq!(returns(&shop).await, (1, 0));
    assert_eq!(returns(&shop).await, (0, 0));
    let changes = shop.provider.asked_changes();
    assert_eq!(changes.len(), 1);
    assert_eq!((changes[0].subscription.provider_id.as_str(), changes[0].change), ("sub_2", CancelNow));
    let refunds = shop.provider.asked_refunds();
    assert_eq!(refunds.len(), 1);
    assert_eq!((refunds[0].payment.invoice.as_deref(), refunds[0].amount), (Some("in_2"), second.price));
    let gone = kept(&shop, "sub_2").await;
    assert_eq!((gone.role, gone.status), (SubscriptionRole::DuplicateRefunded, SubscriptionStatus::Canceled));
    assert_eq!(shop.order("ada", &second).await.status, OrderStatus::Refunded);
    assert_eq!(shop.balance("ada").await, 2000);
    let live = kept(&shop, "sub_1").await;
    assert_eq!((live.role, live.status), (SubscriptionRole::Active, SubscriptionStatus::Active));

    // Another payment of it that is reported late is refunded as well.
    assert_eq!(shop.hears("evt_5", pays(&second, "sub_2", "in_3")).await, DONE);
    assert_eq!(returns(&shop).await, (1, 0));
    assert_eq!(shop.provider.asked_refunds().len(), 2);
    assert_eq!(kept(&shop, "sub_2").await.role, SubscriptionRole::DuplicateRefunded);
}

#[tokio::test]
async fn money_that_comes_while_a_duplicate_subscription_is_given_back_goes_back_as_well() {
    let shop = Shop::open().await;
    let [_, second] = twice_subscribed(&shop).await;
    let provider = ScriptedProvider::new(Channel::named("stripe"));
    let late = provider.event("evt_late", pays(&second, "sub_2", "in_3"));
    let elsewhere = shop.selling_through(provider);
    shop.provider.while_refunding(async move {
        elsewhere.receive_webhook(Channel::named("stripe"), &late.headers, &late.body).await.unwrap();
        assert_eq!(elsewhere.run_due(Job::Inbox).await.unwrap(), DONE);
    });
    for _ in 0..2 {
        shop.billing.run_due(Job::Duplicates).await.unwrap();
    }
    let refunds = shop.provider.asked_refunds();
    let refunded: Vec<_> = refunds.iter().map(|asked| asked.payment.invoice.as_deref()).collect();
    assert_eq!(refunded, [Some("in_2"), Some("in_3")]);
    assert_eq!(kept(&shop, "sub_2").await.role, SubscriptionRole::DuplicateRefunded);
}

#[tokio::test]
async fn money_of_a_duplicate_subscription_that_is_ours_again_goes_back_as_well() {
    let shop = Shop::open().await;
    twice_subscribed(&shop).await;
    let names = PaymentRefs::of_invoice("in_2");
    let paid =
        shop.store.payment(PaymentRef::Refs(Channel::named("stripe"), &names)).await.unwrap().unwrap().paid;
    let dispute = |state| {
        let update = PaymentReversalUpdate::Dispute(Dispute { id: "dp_1".to_owned(), amount: paid, state });
        Fact::Reversal(PaymentReversal { payment: names.clone(), update })
    };
    shop.hears("evt_disputed", dispute(DisputeState::Open)).await;
    assert_eq!(returns(&shop).await, (1, 0));
    assert_eq!(shop.provider.asked_refunds().len(), 0, "the bank has the money");
    shop.hears("evt_won", dispute(DisputeState::Won)).await;
    assert_eq!(returns(&shop).await, (1, 0));
    assert_eq!(shop.provider.asked_refunds().len(), 1);
    assert_eq!(kept(&shop, "sub_2").await.role, SubscriptionRole::DuplicateRefunded);
}

#[tokio::test]
async fn what_a_provider_does_not_do_is_tried_again_and_what_it_refuses_is_left_to_operators() {
    let shop = Shop::open().await;
    twice_subscribed(&shop).await;
    let down = || ProviderError::Unknown { message: "no answer".to_owned(), request_id: None };
    shop.provider.on_change(Err(down()));
    assert_eq!(returns(&shop).await, (0, 1));
    assert_eq!(returns(&shop).await, (0, 0), "it is passed over for a while");
    shop.clock.advance(30);
    shop.provider.on_refund(Err(down()));
    assert_eq!(returns(&shop).await, (0, 1));
    assert_eq!(kept(&shop, "sub_2").await.status, SubscriptionStatus::Canceled, "it is ended only once");
    let no = ProviderError::Refused { code: None, message: "no".to_owned(), request_id: None };
    shop.provider.on_refund(Err(no));
    shop.clock.advance(60);
    assert_eq!(returns(&shop).await, (0, 1));
    assert_eq!(kept(&shop, "sub_2").await.role, SubscriptionRole::DuplicateUnresolved);
    assert_eq!(returns(&shop).await, (0, 0));
    assert_eq!(shop.provider.asked_changes().len(), 2);
}

#[tokio::test]
async fn whoever_has_paid_is_subscribed_before_the_subscription_itself_is_told() {
    let shop = Shop::open().await;
    let [first, _] = two_orders(&shop).await;
    assert_eq!(shop.hears("evt_1", pays(&first, "sub_1", "in_1")).await, DONE);
    let again = a_checkout(
        "ada",
        Channel::named("stripe"),
        PurchaseItem::Plan(shop.plan.id, Interval::Yearly),
        Some("third"),
    );
    let refused = shop.billing.start_checkout(&again).await.unwrap_err();
    assert!(matches!(refused, BillingError::Checkout(CheckoutRefusal::AlreadySubscribed)), "{refused:?}");
}

#[tokio::test]
async fn the_seat_is_free_again_when_the_subscription_has_ended() {
    let shop = Shop::open().await;
    let [first, second] = two_orders(&shop).await;
    shop.hears("evt_1", is_now(&first, "sub_1", SubscriptionStatus::Active, 0)).await;
    shop.hears("evt_2", pays(&first, "sub_1", "in_1")).await;
    shop.clock.set(noon().plus_days(2));
    shop.hears("evt_3", is_now(&first, "sub_1", SubscriptionStatus::Canceled, 86_400)).await;
    shop.hears("evt_4", is_now(&second, "sub_2", SubscriptionStatus::Active, 2 * 86_400)).await;
    assert_eq!(shop.hears("evt_5", pays(&second, "sub_2", "in_2")).await, DONE);
    assert_eq!(kept(&shop, "sub_2").await.role, SubscriptionRole::Active);
    assert_eq!(shop.balance("ada").await, 2000);
    // A late event about the first one's payment neither takes the slot nor grants credits that are over.
    assert_eq!(shop.hears("evt_6", pays(&first, "sub_1", "in_1")).await, DONE);
    assert_eq!(shop.balance("ada").await, 2000);
    assert!(period(Interval::Monthly, 0).end > shop.billing.now());
}
