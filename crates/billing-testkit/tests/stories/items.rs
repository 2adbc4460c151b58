//! Subscriptions with several items, and with quantities above one.

use billing_core::catalog::{ChangePolicy, Interval, Plan};
use billing_core::orders::Order;
use billing_core::payments::{
    Channel, Fact, PaidLine, PaidPeriod, PeriodReason, SubscriptionFact, SubscriptionItem,
};
use billing_core::ports::{BillingReads, PaymentQuery};
use billing_core::requests::{ChangePlan, PlanDraft};
use billing_core::subscriptions::{Subscription, SubscriptionStatus};
use billing_core::values::{Credits, Period};
use billing_testkit::builders::{a_plan_draft, an_external_id, noon, stripe_prices};

use super::shop::{DONE, NEEDS_OPERATOR, Shop};
use super::subscriptions::{orders_plan, paid, period, subscribed};

const MAX: i64 = 6000;

/// Also sells a second plan: 6,000 credits a month for three times the price.
async fn sells_max(shop: &Shop, change_policy: ChangePolicy) -> Plan {
    let draft = PlanDraft {
        price_monthly: 3 * shop.plan.price_monthly,
        credits_included: Credits::new(MAX),
        prices: stripe_prices("price_max_month", "price_max_year"),
        change_policy,
        ..a_plan_draft("max")
    };
    shop.billing.publish_plan(None, &draft).await.unwrap()
}

/// The state of the subscription with these items, in period number `count`.
fn of_items(order: &Order, items: &[(&str, u32)], count: i32) -> Fact {
    let period = period(Interval::Monthly, count);
    let at = period.start.max(noon());
    let Fact::Subscription(fact) = subscribed(order, SubscriptionStatus::Active, at) else { unreachable!() };
    let item = |(price, quantity): &(&str, u32)| SubscriptionItem {
        price: (*price).to_owned(),
        quantity: *quantity,
    };
    let items = items.iter().map(item).collect();
    Fact::Subscription(SubscriptionFact { items, period: Some(period), ..fact })
}

/// The payment of period number `count` for these items.
fn paid_for(order: &Order, invoice: &str, items: &[(&str, u32)], count: i32) -> PaidPeriod {
    let whole = paid(order, invoice, Interval::Monthly, count);
    let line = |(price, quantity): &(&str, u32)| PaidLine {
        price: (*price).to_owned(),
        quantity: *quantity,
        ..whole.lines[0].clone()
    };
    PaidPeriod { lines: items.iter().map(line).collect(), ..whole }
}

async fn kept(shop: &Shop) -> Subscription {
    shop.billing.summary(&an_external_id("ada")).await.unwrap().subscription.unwrap().subscription
}

#[tokio::test]
async fn a_metered_item_that_stands_first_is_none_of_ours() {
    let shop = Shop::open().await;
    let max = sells_max(&shop, ChangePolicy::None).await;
    let order = orders_plan(&shop, Interval::Monthly).await.order;
    let items = [("price_metered", 1), ("price_month", 1)];
    assert_eq!(shop.hears("evt_new", of_items(&order, &items, 0)).await, DONE);
    let first = Fact::PeriodPaid(paid_for(&order, "in_1", &items, 0));
    assert_eq!(shop.hears("evt_paid", first).await, DONE);
    assert_eq!(shop.balance("ada").await, 2000);

    // The plan's item is changed at the provider, and the renewal has the new plan.
    let items = [("price_metered", 1), ("price_max_month", 1)];
    shop.clock.set(period(Interval::Monthly, 1).start);
    assert_eq!(shop.hears("evt_switched", of_items(&order, &items, 1)).await, DONE);
    let second = Fact::PeriodPaid(paid_for(&order, "in_2", &items, 1));
    assert_eq!(shop.hears("evt_renewed", second).await, DONE);
    assert_eq!(shop.balance("ada").await, MAX);
    let kept = kept(&shop).await;
    assert_eq!((kept.plan, kept.item), (max.id, Some(SubscriptionItem::one("price_max_month"))));
    let ask = ChangePlan {
        account: an_external_id("ada"),
        plan: shop.plan.id,
        interval: None,
        preview: false,
        key: None,
    };
    shop.billing.change_plan(&ask).await.unwrap();
    let call = shop.provider.asked_plans().pop().unwrap();
    assert_eq!(call.subscription.item, Some(SubscriptionItem::one("price_max_month")));
    shop.is_sound("ada").await;
}

#[tokio::test]
async fn each_of_a_plan_that_is_paid_brings_its_credits() {
    let shop = Shop::open().await;
    let order = orders_plan(&shop, Interval::Monthly).await.order;
    let items = [("price_month", 3)];
    assert_eq!(shop.hears("evt_new", of_items(&order, &items, 0)).await, DONE);
    let first = Fact::PeriodPaid(paid_for(&order, "in_1", &items, 0));
    assert_eq!(shop.hears("evt_paid", first).await, DONE);
    assert_eq!(shop.balance("ada").await, 3 * 2000);
    assert_eq!(kept(&shop).await.quantity(), 3);
    // If the provider does not report the renewal's amount, it is the agreed price times three.
    let unsaid = PaidPeriod { paid: None, order_hint: None, ..paid_for(&order, "in_2", &items, 1) };
    assert_eq!(shop.hears("evt_renewed", Fact::PeriodPaid(unsaid)).await, DONE);
    let renewal = shop
        .store
        .payments(PaymentQuery::Subscription { channel: Channel::named("stripe"), id: "sub_1", since: None })
        .await
        .unwrap();
    let renewal = renewal.into_iter().find(|paid| paid.refs.invoice.as_deref() == Some("in_2")).unwrap();
    assert_eq!(renewal.paid.minor, 3 * shop.plan.price_monthly);

    shop.is_sound("ada").await;
}

#[tokio::test]
async fn what_a_change_means_is_counted_for_each_of_the_plan() {
    for policy in ChangePolicy::ALL {
        let shop = Shop::open().await;
        let max = sells_max(&shop, *policy).await;
        let order = orders_plan(&shop, Interval::Monthly).await.order;
        let items = [("price_month", 3)];
        assert_eq!(shop.hears("evt_new", of_items(&order, &items, 0)).await, DONE);
        let first = Fact::PeriodPaid(paid_for(&order, "in_1", &items, 0));
        assert_eq!(shop.hears("evt_paid", first).await, DONE);
        let ask = ChangePlan {
            account: an_external_id("ada"),
            plan: max.id,
            interval: None,
            preview: true,
            key: None,
        };
        let offer = shop.billing.change_plan(&ask).await.unwrap().offer;
        // The price of one, at the start of a period.
        let (due, credits) = match policy {
            ChangePolicy::None => (0, 0),
            ChangePolicy::Prorate => (max.price_monthly - shop.plan.price_monthly, MAX - 2000),
            ChangePolicy::ResetBillingAnchor => (max.price_monthly, MAX),
        };
        assert_eq!((offer.due_now.minor, offer.credits_now.get()), (3 * due, 3 * credits), "{policy}");
        assert_eq!(
            (offer.price.minor, offer.credits_then.get()),
            (3 * max.price_monthly, 3 * MAX),
            "{policy}"
        );
    }
}

#[tokio::test]
async fn more_of_a_plan_in_mid_period_is_a_change_under_the_same_policy() {
    for (policy, brings) in [(ChangePolicy::Prorate, 2000), (ChangePolicy::None, 0)] {
        let shop = Shop::open().await;
        let max = sells_max(&shop, policy).await;
        let order = orders_plan(&shop, Interval::Monthly).await.order;
        let items = [("price_max_month", 1)];
        assert_eq!(shop.hears("evt_new", of_items(&order, &items, 0)).await, DONE);
        let first = Fact::PeriodPaid(paid_for(&order, "in_1", &items, 0));
        assert_eq!(shop.hears("evt_paid", first).await, DONE);
        let month = period(Interval::Monthly, 0);
        // For the last third of the month, the quantity is two.
        let rest = Period { start: month.end.plus_days(-10), end: month.end };
        shop.clock.set(rest.start);
        let items = [("price_max_month", 2)];
        assert_eq!(shop.hears("evt_two", of_items(&order, &items, 0)).await, DONE);
        let line = |quantity, gives_back| PaidLine {
            price: "price_max_month".to_owned(),
            quantity,
            period: rest,
            free: false,
            proration: true,
            gives_back,
        };
        let change = PaidPeriod {
            reason: PeriodReason::Change,
            lines: vec![line(1, true), line(2, false)],
            ..paid_for(&order, "in_2", &items, 0)
        };
        let outcome = if brings > 0 { DONE } else { NEEDS_OPERATOR };
        assert_eq!(shop.hears("evt_change", Fact::PeriodPaid(change)).await, outcome);
        assert_eq!(shop.balance("ada").await, MAX + brings, "{policy}");
        // The renewal grants the credits of both.
        shop.clock.set(month.end);
        assert_eq!(shop.hears("evt_next", of_items(&order, &items, 1)).await, DONE);
        let second = Fact::PeriodPaid(paid_for(&order, "in_3", &items, 1));
        assert_eq!(shop.hears("evt_renewed", second).await, DONE);
        assert_eq!(shop.balance("ada").await, 2 * max.credits_included.get(), "{policy}");
        shop.is_sound("ada").await;
    }
}
