//! How long a subscription's credits live.

use billing_core::catalog::{CreditsInterval, Interval, RolloverMode, RolloverPolicy};
use billing_core::orders::Order;
use billing_core::payments::{Fact, PaidPeriod, SubscriptionChange, SubscriptionFact};
use billing_core::requests::{ChangeSubscription, JobReport, PlanDraft};
use billing_core::subscriptions::SubscriptionStatus;
use billing_core::values::{Credits, Timestamp};
use billing_testkit::builders::{a_plan_draft, a_spend_request, an_external_id, noon, stripe_prices};

use super::shop::{DONE, NEEDS_OPERATOR, Shop};
use super::subscriptions::{orders_plan, paid, period, subscribed};

/// A shop whose customer has paid the first period, and its order.
async fn subscribed_shop(interval: Interval) -> (Shop, Order) {
    let shop = Shop::open().await;
    let order = pays_first(&shop, interval).await;
    (shop, order)
}

async fn pays_first(shop: &Shop, interval: Interval) -> Order {
    let order = orders_plan(shop, interval).await.order;
    assert_eq!(shop.hears("evt_new", subscribed(&order, SubscriptionStatus::Active, noon())).await, DONE);
    let first = Fact::PeriodPaid(paid(&order, "in_1", interval, 0));
    assert_eq!(shop.hears("evt_paid", first).await, DONE);
    order
}

/// Changes the plan on sale, before any subscription.
async fn sells(shop: &mut Shop, change: impl FnOnce(PlanDraft) -> PlanDraft) {
    let draft = PlanDraft {
        price_yearly: Some(20_000),
        prices: stripe_prices("price_month", "price_year"),
        ..a_plan_draft("pro")
    };
    shop.plan = shop.billing.publish_plan(Some(shop.plan.id), &change(draft)).await.unwrap();
}

fn stated(
    order: &Order,
    status: SubscriptionStatus,
    at: Timestamp,
    change: impl FnOnce(&mut SubscriptionFact),
) -> Fact {
    let Fact::Subscription(mut fact) = subscribed(order, status, at) else { unreachable!() };
    change(&mut fact);
    Fact::Subscription(fact)
}

async fn is_there_until(shop: &Shop, end: Timestamp) {
    shop.clock.set(end.plus_seconds(-1));
    assert_eq!(shop.balance("ada").await, 2000, "before {end}");
    shop.clock.set(end);
    assert_eq!(shop.balance("ada").await, 0, "at {end}");
    shop.is_sound("ada").await;
}

#[tokio::test]
async fn credits_outlive_their_period_by_three_days_and_by_fourteen_while_the_renewal_is_tried_again() {
    let end = period(Interval::Monthly, 0).end;
    let (shop, _) = subscribed_shop(Interval::Monthly).await;
    is_there_until(&shop, end.plus_days(3)).await;

    let (shop, order) = subscribed_shop(Interval::Monthly).await;
    shop.clock.set(end.plus_seconds(60));
    let past_due = stated(&order, SubscriptionStatus::PastDue, end.plus_seconds(60), |_| {});
    assert_eq!(shop.hears("evt_past_due", past_due).await, DONE);
    is_there_until(&shop, end.plus_days(14)).await;
}

#[tokio::test]
async fn a_subscription_that_is_unpaid_in_the_end_has_no_credits_left() {
    let (shop, order) = subscribed_shop(Interval::Monthly).await;
    let late = period(Interval::Monthly, 0).end.plus_days(2);
    shop.clock.set(late);
    let unpaid = stated(&order, SubscriptionStatus::Unpaid, late, |_| {});
    assert_eq!(shop.hears("evt_unpaid", unpaid).await, DONE);
    shop.clock.advance(1);
    assert_eq!(shop.balance("ada").await, 0);
    shop.is_sound("ada").await;
}

#[tokio::test]
async fn credits_end_with_the_period_where_no_renewal_will_come_and_live_on_again_where_it_will() {
    let (shop, order) = subscribed_shop(Interval::Monthly).await;
    let end = period(Interval::Monthly, 0).end;
    let canceling = stated(&order, SubscriptionStatus::Active, noon().plus_seconds(10), |fact| {
        fact.cancel_at_period_end = true;
        fact.cancel_at = Some(end);
    });
    assert_eq!(shop.hears("evt_canceling", canceling.clone()).await, DONE);
    let (other, other_order) = subscribed_shop(Interval::Monthly).await;
    assert_eq!(other.hears("evt_canceling", canceling).await, DONE);
    is_there_until(&other, end).await;
    drop(other_order);

    let kept = subscribed(&order, SubscriptionStatus::Active, noon().plus_seconds(20));
    assert_eq!(shop.hears("evt_kept", kept).await, DONE);
    is_there_until(&shop, end.plus_days(3)).await;
}

#[tokio::test]
async fn credits_end_with_a_subscription_that_ends_at_once_whichever_is_told_first() {
    let ended_at = noon().plus_days(9);
    let ended = |order: &Order| {
        stated(order, SubscriptionStatus::Canceled, ended_at, |fact| fact.ended_at = Some(ended_at))
    };
    let (shop, order) = subscribed_shop(Interval::Monthly).await;
    shop.clock.set(ended_at);
    assert_eq!(shop.hears("evt_ended", ended(&order)).await, DONE);
    shop.clock.advance(1);
    assert_eq!(shop.balance("ada").await, 0);
    shop.is_sound("ada").await;

    let shop = Shop::open().await;
    let order = orders_plan(&shop, Interval::Monthly).await.order;
    shop.clock.set(ended_at);
    assert_eq!(shop.hears("evt_ended", ended(&order)).await, DONE);
    let first = Fact::PeriodPaid(paid(&order, "in_1", Interval::Monthly, 0));
    assert_eq!(shop.hears("evt_paid", first).await, NEEDS_OPERATOR);
    assert_eq!(shop.balance("ada").await, 0);
}

#[tokio::test]
async fn money_that_comes_after_the_provider_gave_up_buys_what_is_left_of_its_period() {
    let month = period(Interval::Monthly, 1);
    let ended_at = month.start.plus_days(10);
    for (collected_at, end) in [(ended_at.plus_days(2), month.end), (ended_at, ended_at)] {
        for canceled_first in [true, false] {
            let (shop, order) = subscribed_shop(Interval::Monthly).await;
            let due = stated(&order, SubscriptionStatus::PastDue, month.start.plus_seconds(60), |fact| {
                fact.period = Some(month);
            });
            shop.clock.set(month.start.plus_seconds(60));
            assert_eq!(shop.hears("evt_due", due).await, DONE);
            let ended = stated(&order, SubscriptionStatus::Canceled, ended_at, |fact| {
                (fact.ended_at, fact.period) = (Some(ended_at), Some(month));
            });
            let renewal = paid(&order, "in_2", Interval::Monthly, 1);
            let late = Fact::PeriodPaid(PaidPeriod { collected_at: Some(collected_at), ..renewal });
            shop.clock.set(ended_at.plus_days(2));
            let told = if canceled_first { [ended, late] } else { [late, ended] };
            let mut reports = JobReport::default();
            for (number, fact) in told.into_iter().enumerate() {
                reports = reports.plus(shop.hears(&format!("evt_{number}"), fact).await);
            }
            let needs_operator = u32::from(canceled_first && end != month.end);
            assert_eq!(reports, JobReport { done: 2, needs_operator, ..DONE });
            shop.clock.advance(1);
            let bought = if end == month.end { 2000 } else { 0 };
            assert_eq!(shop.balance("ada").await, bought, "{canceled_first}");
            shop.clock.set(month.end.plus_seconds(-1));
            assert_eq!(shop.balance("ada").await, bought, "{canceled_first}");
            shop.clock.set(month.end);
            assert_eq!(shop.balance("ada").await, 0, "{canceled_first}");
            shop.is_sound("ada").await;
        }
    }
}

#[tokio::test]
async fn months_of_a_paid_year_end_with_the_month_and_those_to_come_with_the_subscription() {
    let (shop, order) = subscribed_shop(Interval::Yearly).await;
    let months: Vec<_> = (0..3).map(|count| period(Interval::Monthly, count)).collect();
    for month in &months {
        shop.clock.set(month.start);
        assert_eq!(shop.balance("ada").await, 2000, "a month's credits do not pile up");
        shop.clock.set(month.end.plus_seconds(-1));
        assert_eq!(shop.balance("ada").await, 2000);
    }
    let ended_at = months[2].start.plus_days(3);
    shop.clock.set(ended_at);
    let ended = stated(&order, SubscriptionStatus::Canceled, ended_at, |fact| fact.ended_at = Some(ended_at));
    assert_eq!(shop.hears("evt_ended", ended).await, DONE);
    for at in [ended_at.plus_seconds(1), period(Interval::Monthly, 5).start.plus_days(1)] {
        shop.clock.set(at);
        assert_eq!(shop.balance("ada").await, 0);
    }
    shop.is_sound("ada").await;
}

#[tokio::test]
async fn what_is_left_rolls_over_into_the_next_period_up_to_the_cap_and_once() {
    let mut shop = Shop::open().await;
    let rollover = RolloverPolicy { mode: RolloverMode::RollOver, cap: Some(Credits::new(300)) };
    sells(&mut shop, |draft| PlanDraft { rollover, ..draft }).await;
    let order = pays_first(&shop, Interval::Monthly).await;
    for (count, expected) in [(1, 2300), (2, 2300), (3, 2300)] {
        let next = period(Interval::Monthly, count);
        shop.clock.set(next.start.plus_seconds(30));
        let paid = paid(&order, &format!("in_{}", count + 1), Interval::Monthly, count);
        assert_eq!(shop.hears(&format!("evt_{count}"), Fact::PeriodPaid(paid)).await, DONE);
        // The previous rollover lives for the grace period beside the new one.
        shop.clock.set(next.start.plus_days(4));
        assert_eq!(shop.balance("ada").await, expected, "month {count}");
    }
    let ended_at = period(Interval::Monthly, 3).end;
    shop.clock.set(ended_at);
    let ended = stated(&order, SubscriptionStatus::Canceled, ended_at, |fact| fact.ended_at = Some(ended_at));
    assert_eq!(shop.hears("evt_ended", ended).await, DONE);
    shop.clock.advance(1);
    assert_eq!(shop.balance("ada").await, 0, "there is no next period");
    shop.is_sound("ada").await;
}

#[tokio::test]
async fn an_unpaid_month_that_is_paid_after_all_brings_its_credits_in_any_order_of_its_news() {
    for order_of_news in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let (shop, order) = subscribed_shop(Interval::Monthly).await;
        let month = period(Interval::Monthly, 1);
        shop.clock.set(month.start.plus_days(10));
        let in_it = |status, days| {
            stated(&order, status, month.start.plus_days(days), |fact| fact.period = Some(month))
        };
        let news = [
            in_it(SubscriptionStatus::Unpaid, 8),
            Fact::PeriodPaid(paid(&order, "in_2", Interval::Monthly, 1)),
            in_it(SubscriptionStatus::Active, 9),
        ];
        for place in order_of_news {
            assert_eq!(shop.hears(&format!("evt_{place}"), news[place].clone()).await, DONE);
        }
        is_there_until(&shop, month.end.plus_days(3)).await;
    }
}

#[tokio::test]
async fn a_subscription_ends_also_where_nothing_is_left_to_roll_over() {
    let mut shop = Shop::open().await;
    let rollover = RolloverPolicy { mode: RolloverMode::RollOver, cap: Some(Credits::new(300)) };
    sells(&mut shop, |draft| PlanDraft { rollover, ..draft }).await;
    let order = pays_first(&shop, Interval::Monthly).await;
    shop.billing.spend(a_spend_request("ada", 2000, "all")).await.unwrap();
    let ended_at = noon().plus_days(9);
    shop.clock.set(ended_at.plus_seconds(60));
    let ended = stated(&order, SubscriptionStatus::Canceled, ended_at, |fact| fact.ended_at = Some(ended_at));
    assert_eq!(shop.hears("evt_ended", ended).await, DONE);
    assert_eq!(shop.balance("ada").await, 0);
    shop.is_sound("ada").await;
}

#[tokio::test]
async fn a_renewal_that_fails_is_heard_also_after_credits_that_were_used_up_have_ended() {
    let (shop, order) = subscribed_shop(Interval::Monthly).await;
    shop.billing.spend(a_spend_request("ada", 2000, "all")).await.unwrap();
    let late = period(Interval::Monthly, 0).end.plus_days(5);
    shop.clock.set(late);
    let past_due = stated(&order, SubscriptionStatus::PastDue, late, |_| {});
    assert_eq!(shop.hears("evt_past_due", past_due).await, DONE);
    assert_eq!(shop.balance("ada").await, 0);
    shop.is_sound("ada").await;
}

#[tokio::test]
async fn a_plan_whose_credits_are_kept_ends_none_of_them() {
    let mut shop = Shop::open().await;
    let rollover = RolloverPolicy { mode: RolloverMode::Keep, cap: None };
    sells(&mut shop, |draft| PlanDraft { rollover, ..draft }).await;
    let order = pays_first(&shop, Interval::Monthly).await;
    shop.clock.set(period(Interval::Monthly, 1).start);
    let second = Fact::PeriodPaid(paid(&order, "in_2", Interval::Monthly, 1));
    assert_eq!(shop.hears("evt_2", second).await, DONE);
    let ended_at = noon().plus_days(45);
    shop.clock.set(ended_at);
    let ended = stated(&order, SubscriptionStatus::Canceled, ended_at, |fact| fact.ended_at = Some(ended_at));
    assert_eq!(shop.hears("evt_ended", ended).await, DONE);
    shop.clock.set(noon().plus_days(900));
    assert_eq!(shop.balance("ada").await, 4000);
}

#[tokio::test]
async fn a_plan_that_is_changed_leaves_alone_who_is_subscribed_to_it() {
    let mut shop = Shop::open().await;
    let order = pays_first(&shop, Interval::Monthly).await;
    sells(&mut shop, |draft| PlanDraft {
        credits_included: Credits::new(10),
        credits_interval: CreditsInterval::PerPeriod,
        ..draft
    })
    .await;
    shop.clock.set(period(Interval::Monthly, 1).start.plus_seconds(5));
    let second = Fact::PeriodPaid(paid(&order, "in_2", Interval::Monthly, 1));
    assert_eq!(shop.hears("evt_2", second).await, DONE);
    assert_eq!(shop.balance("ada").await, 2000);
}

#[tokio::test]
async fn news_that_comes_after_the_credits_have_ended_changes_nothing_of_them() {
    for status in [SubscriptionStatus::PastDue, SubscriptionStatus::Unpaid, SubscriptionStatus::Canceled] {
        let (shop, order) = subscribed_shop(Interval::Monthly).await;
        let end = period(Interval::Monthly, 0).end;
        shop.clock.set(end.plus_days(20));
        let late = stated(&order, status, end.plus_seconds(60), |_| {});
        assert_eq!(shop.hears("evt_late", late).await, DONE, "{status}");
        assert_eq!(shop.balance("ada").await, 0, "{status}");
        shop.is_sound("ada").await;
    }
}

#[tokio::test]
async fn a_cancellations_reason_is_kept_until_it_is_undone() {
    let (shop, order) = subscribed_shop(Interval::Monthly).await;
    let reason = async || {
        let summary = shop.billing.summary(&an_external_id("ada")).await.unwrap();
        summary.subscription.unwrap().subscription.cancel_reason
    };
    let change = async |change, reason: Option<&str>| {
        let ask = ChangeSubscription {
            reason: reason.map(str::to_owned),
            ..ChangeSubscription::new(an_external_id("ada"), change)
        };
        shop.billing.change_subscription(&ask).await.unwrap();
    };
    change(SubscriptionChange::CancelAtPeriodEnd, Some("I moved to the moon")).await;
    assert_eq!(reason().await.as_deref(), Some("I moved to the moon"));
    // The provider's event does not repeat it, or has a reason of its own.
    let mut at = shop.billing.now().plus_seconds(60);
    for (provider, shown) in [(None, "I moved to the moon"), (Some("too_expensive"), "too_expensive")] {
        let ending = stated(&order, SubscriptionStatus::Active, at, |fact| {
            (fact.cancel_at_period_end, fact.cancel_reason) = (true, provider.map(str::to_owned));
        });
        shop.hears(&format!("evt_{shown}"), ending).await;
        assert_eq!(reason().await.as_deref(), Some(shown));
        at = at.plus_seconds(60);
    }
    change(SubscriptionChange::Resume, None).await;
    assert_eq!(reason().await, None);
}
