//! Refunds by operators.

use billing_core::BillingError;
use billing_core::catalog::Interval;
use billing_core::ledger::Actor;
use billing_core::orders::{Order, OrderStatus};
use billing_core::payments::{
    Channel, CheckoutOutcome, Fact, PaymentRefs, PaymentReversal, PaymentReversalUpdate, Refund, RefundState,
};
use billing_core::ports::{BillingReads, PaymentQuery, PaymentRef, ProviderError};
use billing_core::requests::{RefundPayment, RefundRefusal, Refunded};
use billing_core::subscriptions::SubscriptionStatus;
use billing_core::values::{Money, RequestKey};
use billing_testkit::builders::noon;

use super::shop::{DONE, Shop, told};
use super::subscriptions::{orders_plan, paid, period, subscribed};

fn ask(what: Refunded, amount: Option<i64>, key: Option<&str>) -> RefundPayment {
    let key = key.map(|key| RequestKey::parse(key).unwrap());
    RefundPayment { what, amount, key, actor: Actor::Operator("ann".to_owned()) }
}

/// A shop in which ada has bought the pack: 1,050 credits for 999.
async fn sold() -> (Shop, Order) {
    let shop = Shop::open().await;
    let started = shop.orders_pack("ada").await;
    assert_eq!(shop.hears("evt_paid", told(&started, CheckoutOutcome::Paid)).await, DONE);
    assert_eq!(shop.balance("ada").await, 1050);
    (shop, started.order)
}

#[tokio::test]
async fn a_refund_in_full_takes_everything_and_its_event_nothing_more() {
    let (shop, order) = sold().await;
    let payment = shop.billing.refund(&ask(Refunded::Order(order.id), None, None)).await.unwrap();
    assert_eq!(payment.permanently_reversed(), order.price.minor);
    assert_eq!(shop.balance("ada").await, 0);
    assert_eq!(shop.order("ada", &order).await.status, OrderStatus::Refunded);
    let asked = shop.provider.asked_refunds();
    assert_eq!((asked.len(), asked[0].amount, asked[0].all), (1, order.price, true));

    let event = PaymentReversal {
        payment: payment.refs.clone(),
        update: PaymentReversalUpdate::Refund(Refund::new(
            format!("re_{}", asked[0].key),
            order.price,
            RefundState::Succeeded,
        )),
    };
    assert_eq!(shop.hears("evt_refund", Fact::Reversal(event)).await, DONE);
    assert_eq!(shop.balance("ada").await, 0);
    let again = shop.billing.refund(&ask(Refunded::Payment(payment.id), None, None)).await.unwrap_err();
    assert_eq!(again.code(), "already_refunded");
    shop.is_sound("ada").await;
}

#[tokio::test]
async fn refunds_in_parts_take_parts_and_no_more_than_is_left_and_one_request_is_one_refund() {
    let (shop, order) = sold().await;
    let what = Refunded::Order(order.id);
    for _ in 0..2 {
        shop.billing.refund(&ask(what, Some(333), Some("first"))).await.unwrap();
        // A third of the pack's 1,000 and of its bonus of 50 is clawed back, rounded in the customer's favour.
        assert_eq!(shop.balance("ada").await, 1050 - 1050 * 333 / 999);
        assert_eq!(shop.order("ada", &order).await.status, OrderStatus::PartiallyRefunded);
    }
    assert_eq!(shop.provider.asked_refunds().len(), 1);
    let too_much = shop.billing.refund(&ask(what, Some(667), Some("second"))).await.unwrap_err();
    let BillingError::Refund(refusal) = too_much else { panic!("{too_much:?}") };
    assert_eq!(refusal, RefundRefusal::TooMuch { asked: 667, left: 666 });
    for nonsense in [0, -5] {
        let error = shop.billing.refund(&ask(what, Some(nonsense), None)).await.unwrap_err();
        assert_eq!(error.code(), "invalid_request");
    }
    shop.billing.refund(&ask(what, None, Some("second"))).await.unwrap();
    shop.billing.refund(&ask(what, None, Some("second"))).await.unwrap();
    assert_eq!(shop.balance("ada").await, 0);
    assert_eq!(shop.provider.asked_refunds().len(), 2);
    shop.is_sound("ada").await;
}

#[tokio::test]
async fn a_refund_on_its_way_takes_nothing_yet_and_is_not_asked_for_twice() {
    let (shop, order) = sold().await;
    let pending = Refund::new("re_1".to_owned(), order.price, RefundState::Pending);
    shop.provider.on_refund(Ok(Some(PaymentReversalUpdate::Refund(pending.clone()))));
    let what = Refunded::Order(order.id);
    let payment = shop.billing.refund(&ask(what, None, None)).await.unwrap();
    assert_eq!(shop.balance("ada").await, 1050);
    assert_eq!(shop.billing.refund(&ask(what, None, None)).await.unwrap_err().code(), "already_refunded");
    let arrived = Refund { state: RefundState::Succeeded, ..pending };
    let event = PaymentReversal { payment: payment.refs, update: PaymentReversalUpdate::Refund(arrived) };
    assert_eq!(shop.hears("evt_refund", Fact::Reversal(event)).await, DONE);
    assert_eq!(shop.balance("ada").await, 0);
}

#[tokio::test]
async fn what_the_provider_does_not_do_changes_nothing() {
    let (shop, order) = sold().await;
    let failures = [
        (
            ProviderError::Unknown { message: "no answer".to_owned(), request_id: None },
            "provider_unavailable",
        ),
        (
            ProviderError::Refused { code: None, message: "no".to_owned(), request_id: None },
            "provider_refused",
        ),
        (ProviderError::Unsupported("refund"), "provider_unsupported"),
    ];
    let before = shop.store.payments(PaymentQuery::Order(order.id)).await.unwrap();
    for (failure, code) in failures {
        shop.provider.on_refund(Err(failure));
        let error = shop.billing.refund(&ask(Refunded::Order(order.id), None, None)).await.unwrap_err();
        assert_eq!(error.code(), code);
        assert_eq!(shop.store.payments(PaymentQuery::Order(order.id)).await.unwrap(), before);
        assert_eq!(shop.balance("ada").await, 1050);
    }
    let keys: Vec<_> = shop.provider.asked_refunds().into_iter().map(|asked| asked.key).collect();
    assert!(
        keys.windows(2).all(|pair| pair[0] == pair[1]),
        "one refund, however often it is asked for: {keys:?}"
    );
    let nobodys = Refunded::Order(billing_core::values::OrderId::from_uuid(uuid::Uuid::from_u128(1)));
    assert_eq!(shop.billing.refund(&ask(nobodys, None, None)).await.unwrap_err().code(), "not_found");
}

#[tokio::test]
async fn a_renewal_can_be_refunded_by_its_payment_and_the_first_month_stays() {
    let shop = Shop::open().await;
    let order = orders_plan(&shop, Interval::Monthly).await.order;
    shop.hears("evt_new", subscribed(&order, SubscriptionStatus::Active, noon())).await;
    shop.hears("evt_1", Fact::PeriodPaid(paid(&order, "in_1", Interval::Monthly, 0))).await;
    shop.clock.set(period(Interval::Monthly, 1).start);
    shop.hears("evt_2", Fact::PeriodPaid(paid(&order, "in_2", Interval::Monthly, 1))).await;
    let names = PaymentRefs::of_invoice("in_2");
    let renewal =
        shop.store.payment(PaymentRef::Refs(Channel::named("stripe"), &names)).await.unwrap().unwrap();
    let half = Money::new(renewal.paid.minor / 2, renewal.paid.currency);
    shop.billing.refund(&ask(Refunded::Payment(renewal.id), Some(half.minor), None)).await.unwrap();
    let left = shop.balance("ada").await;
    assert_eq!(left, 2000 - 2000 * half.minor / renewal.paid.minor);
    assert_eq!(shop.order("ada", &order).await.status, OrderStatus::Completed);
    shop.is_sound("ada").await;
}
