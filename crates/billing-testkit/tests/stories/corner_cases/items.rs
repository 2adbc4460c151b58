//! Subscriptions with several items, each with its own periods.

use super::every_order::{balances, in_every_order};
use super::*;

fn line(price: &str, period: Period) -> PaidLine {
    PaidLine {
        price: price.to_owned(),
        quantity: 1,
        period,
        free: false,
        proration: false,
        gives_back: false,
    }
}

fn pays(order: &Order, invoice: &str, month: i32, lines: Vec<PaidLine>) -> Fact {
    Fact::PeriodPaid(PaidPeriod { lines, ..paid(order, invoice, Interval::Monthly, month) })
}

/// A year of one plan beside months of another.
async fn year_and_months(monthly: &str) -> (Shop, Vec<Fact>) {
    let shop = Shop::open().await;
    max(&shop, ChangePolicy::Prorate).await;
    let order = orders_plan(&shop, Interval::Yearly).await.order;
    let month = |count| line(monthly, period(Interval::Monthly, count));
    let facts = vec![
        state(&order, Interval::Yearly, 0, Active, noon(), |fact| {
            fact.items.push(SubscriptionItem::one(monthly));
        }),
        pays(&order, "in_1", 0, vec![line("price_year", period(Interval::Yearly, 0)), month(0)]),
        pays(&order, "in_2", 1, vec![month(1)]),
        pays(&order, "in_3", 2, vec![month(2)]),
    ];
    shop.clock.set(period(Interval::Monthly, 2).start.plus_days(5));
    (shop, facts)
}

#[tokio::test]
async fn a_year_and_months_of_one_subscription_leave_each_other_alone() {
    for (monthly, credits) in [("price_max_month", 6000), ("price_month", 2000)] {
        let seen = in_every_order(
            async || year_and_months(monthly).await,
            async |shop| {
                let shown = shop.billing.summary(&an_external_id("ada")).await.unwrap().subscription;
                let plan = shown.map(|shown| (shown.plan.unwrap().slug, shown.renews_as.is_none()));
                (plan, balances(shop, &[40, 30, 200, 30]).await)
            },
        )
        .await;
        let only_year = vec![2000 + credits, 2000, 2000, 2000, 2000];
        assert_eq!(seen, (Some(("pro".to_owned(), true)), only_year), "{monthly}");
    }
}

#[tokio::test]
async fn a_fresh_period_of_the_only_item_still_ends_the_one_before() {
    let (shop, order) = begun(Interval::Yearly, EXPIRE).await;
    max(&shop, ChangePolicy::ResetBillingAnchor).await;
    let at = noon().plus_days(45);
    shop.clock.set(at);
    let fresh = line("price_max_year", Period { start: at, end: at.plus_days(365) });
    let Fact::PeriodPaid(mut fact) = pays(&order, "in_2", 1, vec![fresh]) else { unreachable!() };
    fact.reason = PeriodReason::Change;
    shop.hears("fresh", Fact::PeriodPaid(fact)).await;
    shop.clock.advance(1);
    assert_eq!(shop.balance("ada").await, 6000);
    shop.clock.advance(40 * 86_400);
    assert_eq!(shop.balance("ada").await, 6000);
}
