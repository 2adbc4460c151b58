//! When credits end.

use super::*;

#[tokio::test]
async fn an_end_within_a_paid_year_that_is_taken_back_costs_no_month() {
    let (shop, order) = begun(Interval::Yearly, EXPIRE).await;
    let mid = period(Interval::Monthly, 6).start;
    shop.clock.set(noon().plus_days(10));
    shop.hears(
        "c",
        state(&order, Interval::Yearly, 0, Active, noon().plus_days(10), |f| f.cancel_at = Some(mid)),
    )
    .await;
    shop.clock.set(noon().plus_days(11));
    shop.hears("r", state(&order, Interval::Yearly, 0, Active, noon().plus_days(11), |_| {})).await;
    let mut seen = vec![];
    for month in 0..12 {
        shop.clock.set(period(Interval::Monthly, month).start.plus_days(15));
        seen.push(shop.balance("ada").await);
    }
    assert_eq!(seen, vec![2000; 12]);
}

#[tokio::test]
async fn an_end_that_is_far_leaves_renewals_their_grace() {
    let (shop, order) = begun(Interval::Monthly, EXPIRE).await;
    let far = period(Interval::Monthly, 6).start;
    shop.clock.set(noon().plus_days(10));
    shop.hears(
        "c",
        state(&order, Interval::Monthly, 0, Active, noon().plus_days(10), |f| f.cancel_at = Some(far)),
    )
    .await;
    shop.clock.set(period(Interval::Monthly, 1).start.plus_seconds(3600));
    assert_eq!(shop.balance("ada").await, 2000, "the renewal's money is on its way");
}

#[tokio::test]
async fn an_end_that_is_far_leaves_what_rolls_over() {
    let (shop, order) = begun(
        Interval::Monthly,
        RolloverPolicy { mode: RolloverMode::RollOver, cap: Some(Credits::new(300)) },
    )
    .await;
    let far = period(Interval::Monthly, 6).start;
    let next = period(Interval::Monthly, 1).start;
    shop.clock.set(next.plus_seconds(600));
    shop.hears(
        "c",
        state(&order, Interval::Monthly, 1, Active, next.plus_seconds(600), |f| f.cancel_at = Some(far)),
    )
    .await;
    shop.clock.set(next.plus_seconds(3600));
    shop.hears("p", Fact::PeriodPaid(paid(&order, "in_2", Interval::Monthly, 1))).await;
    shop.clock.set(next.plus_days(5));
    assert_eq!(shop.balance("ada").await, 2300);
}

#[tokio::test]
async fn a_year_that_was_unpaid_for_a_while_goes_on() {
    let (shop, order) = begun(Interval::Yearly, EXPIRE).await;
    let at = noon().plus_days(40);
    shop.clock.set(at);
    shop.hears("u", state(&order, Interval::Yearly, 0, SubscriptionStatus::Unpaid, at, |_| {})).await;
    shop.clock.set(at.plus_days(1));
    shop.hears("a", state(&order, Interval::Yearly, 0, Active, at.plus_days(1), |_| {})).await;
    shop.clock.set(period(Interval::Monthly, 4).start.plus_days(2));
    assert_eq!(shop.balance("ada").await, 2000);
}

#[tokio::test]
async fn an_operators_extension_outlives_a_renewal() {
    let to = noon().plus_days(90);
    let (shop, order) = extended(to).await;
    let next = period(Interval::Monthly, 1).start;
    shop.clock.set(next.plus_seconds(60));
    shop.hears("p2", Fact::PeriodPaid(paid(&order, "in_2", Interval::Monthly, 1))).await;
    shop.clock.advance(60);
    assert_eq!(shop.balance("ada").await, 4000);
}

#[tokio::test]
async fn an_operators_extension_outlives_a_failed_renewal() {
    let to = noon().plus_days(90);
    let (shop, order) = extended(to).await;
    let next = period(Interval::Monthly, 1).start;
    shop.clock.set(next.plus_seconds(60));
    shop.hears("pd", state(&order, Interval::Monthly, 1, PastDue, next.plus_seconds(60), |_| {})).await;
    shop.clock.set(next.plus_days(20));
    assert_eq!(shop.balance("ada").await, 2000);
}

#[tokio::test]
async fn an_operators_extension_outlives_an_end_that_is_taken_back() {
    let to = noon().plus_days(90);
    let (shop, order) = extended(to).await;
    shop.clock.advance(60);
    shop.hears(
        "c",
        state(&order, Interval::Monthly, 0, Active, noon().plus_seconds(60), |f| {
            f.cancel_at_period_end = true;
        }),
    )
    .await;
    shop.hears("r", state(&order, Interval::Monthly, 0, Active, noon().plus_seconds(120), |_| {})).await;
    shop.clock.set(noon().plus_days(60));
    assert_eq!(shop.balance("ada").await, 2000);
}

#[tokio::test]
async fn a_trial_of_three_that_is_extended_lives_longer() {
    let mut shop = Shop::open().await;
    let draft = PlanDraft {
        trial_days: 14,
        trial_credits: Credits::new(100),
        prices: stripe_prices("price_month", "price_year"),
        price_yearly: Some(20_000),
        ..a_plan_draft("pro")
    };
    shop.plan = shop.billing.publish_plan(Some(shop.plan.id), &draft).await.unwrap();
    let order = orders_plan(&shop, Interval::Monthly).await.order;
    let trial = |at, days: i64| {
        state(&order, Interval::Monthly, 0, SubscriptionStatus::Trialing, at, |f| {
            f.items[0].quantity = 3;
            f.trial_end = Some(noon().plus_days(days));
            f.period = Some(Period { start: noon(), end: noon().plus_days(days) });
        })
    };
    shop.hears("t", trial(noon(), 14)).await;
    assert_eq!(shop.balance("ada").await, 300);
    shop.clock.set(noon().plus_days(10));
    shop.hears("t2", trial(noon().plus_days(10), 40)).await;
    shop.clock.set(noon().plus_days(39));
    assert_eq!(shop.balance("ada").await, 300);
    shop.is_sound("ada").await;
}

#[tokio::test]
async fn an_end_that_is_far_leaves_a_failed_renewal_its_fourteen_days() {
    let (shop, order) = begun(Interval::Monthly, EXPIRE).await;
    let far = period(Interval::Monthly, 6).start;
    let next = period(Interval::Monthly, 1).start;
    shop.clock.set(noon().plus_days(10));
    shop.hears(
        "c",
        state(&order, Interval::Monthly, 0, Active, noon().plus_days(10), |f| f.cancel_at = Some(far)),
    )
    .await;
    shop.clock.set(next.plus_seconds(60));
    shop.hears(
        "d",
        state(&order, Interval::Monthly, 1, PastDue, next.plus_seconds(60), |f| f.cancel_at = Some(far)),
    )
    .await;
    shop.clock.set(next.plus_days(5));
    assert_eq!(shop.balance("ada").await, 2000);
}
