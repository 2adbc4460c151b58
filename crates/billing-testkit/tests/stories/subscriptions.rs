//! Subscribing.

use billing_core::catalog::Interval;
use billing_core::orders::{Order, OrderStatus};
use billing_core::payments::{
    Channel, CheckoutOutcome, Fact, PaidLine, PaidPeriod, PaymentRefs, PeriodReason, SubscriptionFact,
    SubscriptionItem,
};
use billing_core::requests::{PurchaseItem, StartCheckout, StartedCheckout};
use billing_core::subscriptions::SubscriptionStatus;
use billing_core::values::{Period, Timestamp, Zone};
use billing_testkit::builders::{a_checkout, an_external_id, noon};

use super::shop::{DONE, NEEDS_OPERATOR, Shop, customer_of, told};

fn wants_plan(shop: &Shop, interval: Interval, key: Option<&str>) -> StartCheckout {
    a_checkout("ada", Channel::named("stripe"), PurchaseItem::Plan(shop.plan.id, interval), key)
}

pub(crate) async fn orders_plan(shop: &Shop, interval: Interval) -> StartedCheckout {
    shop.billing.start_checkout(&wants_plan(shop, interval, None)).await.unwrap()
}

pub(crate) fn price(interval: Interval) -> &'static str {
    match interval {
        Interval::Monthly => "price_month",
        Interval::Yearly => "price_year",
    }
}

/// The period number `count` of a subscription that started at noon.
pub(crate) fn period(interval: Interval, count: i32) -> Period {
    let months = i32::try_from(interval.months()).unwrap();
    let at = |count: i32| Zone::UTC.plus_months(noon(), months * count);
    Period { start: at(count), end: at(count + 1) }
}

pub(crate) fn subscribed(order: &Order, status: SubscriptionStatus, provider_updated_at: Timestamp) -> Fact {
    Fact::Subscription(SubscriptionFact {
        id: "sub_1".to_owned(),
        customer: customer_of(order),
        status,
        items: vec![SubscriptionItem::one("price_month")],
        period: Some(period(Interval::Monthly, 0)),
        cancel_at_period_end: false,
        cancel_at: None,
        canceled_at: None,
        ended_at: None,
        cancel_reason: None,
        trial_end: None,
        started_at: noon(),
        provider_updated_at,
        order_hint: Some(order.id),
    })
}

pub(crate) fn paid(order: &Order, invoice: &str, interval: Interval, count: i32) -> PaidPeriod {
    PaidPeriod {
        payment: invoice.to_owned(),
        refs: PaymentRefs::of_invoice(invoice),
        collected_at: None,
        paid: Some(order.price),
        subscription: "sub_1".to_owned(),
        customer: customer_of(order),
        reason: if count == 0 { PeriodReason::Create } else { PeriodReason::Cycle },
        lines: vec![PaidLine {
            free: false,
            price: price(interval).to_owned(),
            quantity: 1,
            period: period(interval, count),
            proration: false,
            gives_back: false,
        }],
        order_hint: Some(order.id),
        subscription_now: None,
    }
}

/// Advances the clock until every waiting event has been retried.
pub(crate) async fn catches_up(shop: &Shop) {
    for _ in 0..4 {
        shop.clock.advance(60);
        shop.works().await;
    }
}

#[tokio::test]
async fn the_events_of_a_subscription_can_come_in_any_order() {
    let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    for order in orders {
        let shop = Shop::open().await;
        let started = orders_plan(&shop, Interval::Monthly).await;
        let news = [
            told(&started, CheckoutOutcome::Paid),
            subscribed(&started.order, SubscriptionStatus::Active, noon()),
            Fact::PeriodPaid(paid(&started.order, "in_1", Interval::Monthly, 0)),
        ];
        for which in order {
            shop.hears(&format!("evt_{which}"), news[which].clone()).await;
        }
        catches_up(&shop).await;
        assert_eq!(shop.balance("ada").await, 2000, "{order:?}");
        let kept = shop.order("ada", &started.order).await;
        assert_eq!(kept.status, OrderStatus::Completed, "{order:?}");
        assert_eq!(kept.refs.invoice.as_deref(), Some("in_1"), "{order:?}");
        let summary = shop.billing.summary(&an_external_id("ada")).await.unwrap();
        let shown = summary.subscription.unwrap();
        assert_eq!(shown.subscription.status, SubscriptionStatus::Active, "{order:?}");
        assert_eq!(shown.plan.unwrap().id, shop.plan.id);
        shop.is_sound("ada").await;
    }
}

#[tokio::test]
async fn two_events_of_one_invoice_grant_once_and_each_period_grants_anew() {
    let shop = Shop::open().await;
    let started = orders_plan(&shop, Interval::Monthly).await;
    let order = &started.order;
    let first = || Fact::PeriodPaid(paid(order, "in_1", Interval::Monthly, 0));
    assert_eq!(shop.hears("evt_paid", first()).await, DONE);
    assert_eq!(shop.hears("evt_succeeded", first()).await, DONE);
    assert_eq!(shop.balance("ada").await, 2000);
    // The remainder outlives its period by the grace period of renewals, and no longer.
    let renewal = period(Interval::Monthly, 1);
    shop.clock.set(renewal.start.plus_days(2));
    assert_eq!(shop.balance("ada").await, 2000);
    let second = Fact::PeriodPaid(paid(order, "in_2", Interval::Monthly, 1));
    assert_eq!(shop.hears("evt_renewal", second).await, DONE);
    assert_eq!(shop.balance("ada").await, 2000);
    shop.clock.set(renewal.end.plus_days(3));
    assert_eq!(shop.balance("ada").await, 0);
    shop.is_sound("ada").await;
}

#[tokio::test]
async fn a_year_with_monthly_credits_brings_them_month_by_month() {
    let shop = Shop::open().await;
    let started = orders_plan(&shop, Interval::Yearly).await;
    let year = Fact::PeriodPaid(paid(&started.order, "in_1", Interval::Yearly, 0));
    assert_eq!(shop.hears("evt_1", year).await, DONE);
    for month in 0..12 {
        let start = period(Interval::Monthly, month).start;
        shop.clock.set(start.plus_days(4));
        assert_eq!(shop.balance("ada").await, 2000, "month {month}");
    }
    shop.clock.set(period(Interval::Yearly, 0).end.plus_days(3));
    assert_eq!(shop.balance("ada").await, 0);
}

#[tokio::test]
async fn a_second_event_of_a_year_that_comes_months_later_grants_nothing_more() {
    let shop = Shop::open().await;
    let started = orders_plan(&shop, Interval::Yearly).await;
    let year = || Fact::PeriodPaid(paid(&started.order, "in_1", Interval::Yearly, 0));
    shop.hears("evt_paid", year()).await;
    shop.clock.set(noon().plus_days(40));
    assert_eq!(shop.hears("evt_succeeded", year()).await, DONE);
    assert_eq!(shop.balance("ada").await, 2000);
    shop.is_sound("ada").await;
}

#[tokio::test]
async fn a_year_whose_news_comes_months_late_brings_what_is_left_of_it() {
    let shop = Shop::open().await;
    let started = orders_plan(&shop, Interval::Yearly).await;
    let year = || Fact::PeriodPaid(paid(&started.order, "in_1", Interval::Yearly, 0));
    shop.clock.set(noon().plus_days(70));
    assert_eq!(shop.hears("evt_paid", year()).await, DONE);
    assert_eq!(shop.balance("ada").await, 2000);
    shop.clock.set(noon().plus_days(170));
    assert_eq!(shop.hears("evt_succeeded", year()).await, DONE);
    assert_eq!(shop.balance("ada").await, 2000);
    shop.is_sound("ada").await;
}

#[tokio::test]
async fn only_what_was_paid_for_grants() {
    let shop = Shop::open().await;
    let started = orders_plan(&shop, Interval::Monthly).await;
    let first = paid(&started.order, "in_1", Interval::Monthly, 0);
    let mut trial = first.clone();
    trial.lines[0].free = true;
    let other = PaidPeriod { reason: PeriodReason::Other, ..first.clone() };
    let mut proration = first.clone();
    proration.lines[0].proration = true;
    let facts = [(trial, DONE), (other, NEEDS_OPERATOR), (proration, NEEDS_OPERATOR)];
    for (number, (fact, outcome)) in facts.into_iter().enumerate() {
        assert_eq!(shop.hears(&format!("evt_{number}"), Fact::PeriodPaid(fact)).await, outcome, "{number}");
    }
    assert_eq!(shop.balance("ada").await, 0);
    let mut unknown = first;
    unknown.lines[0].price = "price_other".to_owned();
    assert_eq!(shop.hears("evt_other", Fact::PeriodPaid(unknown)).await.orphans, 1);
    assert_eq!(shop.balance("ada").await, 0);
}

#[tokio::test]
async fn an_account_subscribes_once_at_a_time() {
    let shop = Shop::open().await;
    let started = orders_plan(&shop, Interval::Monthly).await;
    shop.hears("evt_1", subscribed(&started.order, SubscriptionStatus::Active, noon())).await;
    let refused = shop.billing.start_checkout(&wants_plan(&shop, Interval::Yearly, None)).await.unwrap_err();
    assert_eq!(refused.code(), "already_subscribed");
    // Packs can still be bought, and the open checkout is returned again.
    shop.orders_pack("ada").await;
    assert!(orders_plan(&shop, Interval::Monthly).await.replayed);
    // After its end, the account may subscribe again; an older event does not revive it.
    let end = noon().plus_days(1);
    shop.hears("evt_2", subscribed(&started.order, SubscriptionStatus::Canceled, end)).await;
    shop.hears("evt_3", subscribed(&started.order, SubscriptionStatus::Active, end.plus_seconds(-5))).await;
    let again = shop.billing.start_checkout(&wants_plan(&shop, Interval::Yearly, None)).await.unwrap();
    assert!(!again.replayed);
}
