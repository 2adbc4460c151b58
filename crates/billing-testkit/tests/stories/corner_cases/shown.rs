//! The displayed subscription.

use super::*;

#[tokio::test]
async fn an_end_that_is_far_has_renewals_before_it() {
    let (shop, order) = begun(Interval::Monthly, EXPIRE).await;
    let far = period(Interval::Monthly, 6).start;
    shop.hears(
        "c",
        state(&order, Interval::Monthly, 0, Active, noon().plus_days(1), |f| f.cancel_at = Some(far)),
    )
    .await;
    let summary = shop.billing.summary(&an_external_id("ada")).await.unwrap();
    assert!(summary.upcoming.is_some(), "five more renewals come");
}

#[tokio::test]
async fn an_amount_comes_off_a_renewal_once_for_all_of_the_plan() {
    let off = Money::new(300, "usd".parse().unwrap());
    let (shop, _) = with_coupon(CouponEffect::Fixed(vec![off]), Duration::Forever, 3).await;
    let up = shop.billing.summary(&an_external_id("ada")).await.unwrap().upcoming.unwrap();
    assert_eq!(up.amount.minor, 3 * shop.plan.price_monthly - 300, "an amount comes off once per invoice");
}

#[tokio::test]
async fn what_was_to_end_by_now_is_shown_as_ended() {
    let end = period(Interval::Monthly, 1).start;
    for (ends_at, is_with_period) in [(end, true), (noon().plus_days(10), false)] {
        let (shop, order) = begun(Interval::Monthly, EXPIRE).await;
        let to_end = state(&order, Interval::Monthly, 0, Active, noon().plus_days(1), |fact| {
            fact.cancel_at_period_end = is_with_period;
            fact.cancel_at = (!is_with_period).then_some(ends_at);
        });
        shop.hears("to_end", to_end).await;
        shop.clock.set(ends_at);
        let shown = shop.billing.summary(&an_external_id("ada")).await.unwrap().subscription.unwrap();
        assert_eq!((shown.subscription.status, shown.subscription.ended_at), (Canceled, Some(ends_at)));
    }
}

#[tokio::test]
async fn a_coupon_still_comes_off_the_renewal_of_another_plan_for_as_long_as_it_reaches() {
    let amount = CouponEffect::Fixed(vec![Money::new(300, "usd".parse().unwrap())]);
    for (effect, duration, quantity, percent, off) in [
        (CouponEffect::Percent(20), Duration::Forever, 1, 80, 0),
        (CouponEffect::Percent(20), Duration::Repeating(2), 2, 80, 0),
        (amount, Duration::Forever, 1, 100, 300),
        (CouponEffect::Percent(20), Duration::Once, 1, 100, 0),
    ] {
        let (shop, order) = with_coupon(effect, duration, quantity).await;
        max(&shop, ChangePolicy::None).await;
        let at = noon().plus_days(3);
        let changed = state(&order, Interval::Monthly, 0, Active, at, |fact| {
            fact.items = vec![SubscriptionItem { price: "price_max_month".to_owned(), quantity }];
        });
        shop.hears("changed", changed).await;
        let summary = shop.billing.summary(&an_external_id("ada")).await.unwrap();
        let list = 3 * shop.plan.price_monthly * i64::from(quantity);
        assert_eq!(summary.upcoming.unwrap().amount.minor, list * percent / 100 - off, "{duration:?}");
    }
}
