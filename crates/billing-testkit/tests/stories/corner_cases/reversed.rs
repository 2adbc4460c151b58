//! Refunds of payments that had superseded or changed others.

use super::every_order::{balances, in_every_order};
use super::*;

fn goes_back(invoice: &str, minor: i64, order: &Order) -> Fact {
    let update = PaymentReversalUpdate::RefundedInAll(Money::new(minor, order.price.currency));
    Fact::Reversal(PaymentReversal { payment: PaymentRefs::of_invoice(invoice), update })
}

fn refund(invoice: &str, state: RefundState, order: &Order) -> Fact {
    let refund = Refund::new("re_1".to_owned(), Money::new(20_000, order.price.currency), state);
    let update = PaymentReversalUpdate::Refund(refund);
    Fact::Reversal(PaymentReversal { payment: PaymentRefs::of_invoice(invoice), update })
}

/// The additional credits of the more expensive plan for the rest of the first month from `at`.
fn worth_from(at: Timestamp) -> i64 {
    let month = period(Interval::Monthly, 0);
    let (rest, whole) = (month.end.seconds_since(at), month.end.seconds_since(month.start));
    6000 * rest / whole - (2000 * rest + whole - 1) / whole
}

const PRO_TO_MAX: (&str, &str) = ("price_month", "price_max_month");
const MAX_TO_PRO: (&str, &str) = ("price_max_month", "price_month");

/// An upgrade that is refunded, a change back if `changed_back`, and another upgrade.
async fn upgraded_twice(changed_back: bool) -> (Shop, Vec<Fact>) {
    let (shop, order) = begun(Interval::Monthly, EXPIRE).await;
    max(&shop, ChangePolicy::Prorate).await;
    let mut facts = vec![
        in_the_portal(&order, 0, PRO_TO_MAX, noon().plus_days(10)),
        goes_back("in_change_0", 500, &order),
        in_the_portal(&order, 2, PRO_TO_MAX, noon().plus_days(15)),
    ];
    if changed_back {
        facts.push(in_the_portal(&order, 1, MAX_TO_PRO, noon().plus_days(12)));
    }
    shop.clock.set(noon().plus_days(15).plus_seconds(60));
    (shop, facts)
}

#[tokio::test]
async fn an_upgrade_after_one_that_was_refunded_brings_what_it_is_worth() {
    for changed_back in [false, true] {
        let seen = in_every_order(
            async || upgraded_twice(changed_back).await,
            async |shop| balances(shop, &[20]).await,
        )
        .await;
        assert_eq!(seen, [2000 + worth_from(noon().plus_days(15)), 0], "{changed_back}");
    }
}

#[tokio::test]
async fn an_upgrade_that_was_refunded_in_part_still_counts_for_the_rest() {
    let (shop, order) = begun(Interval::Monthly, EXPIRE).await;
    max(&shop, ChangePolicy::Prorate).await;
    let days = |days| noon().plus_days(days);
    shop.clock.set(days(10));
    shop.hears("up", in_the_portal(&order, 0, PRO_TO_MAX, days(10))).await;
    shop.hears("re", goes_back("in_change_0", 250, &order)).await;
    shop.clock.set(days(11));
    let half = shop.balance("ada").await;
    assert_eq!(half, 2000 + worth_from(days(10)).div_euclid(2) + worth_from(days(10)) % 2);
    shop.hears("down", in_the_portal(&order, 1, MAX_TO_PRO, days(10).plus_seconds(60))).await;
    shop.hears("up_2", in_the_portal(&order, 2, PRO_TO_MAX, days(10).plus_seconds(120))).await;
    shop.clock.advance(60);
    let all = shop.balance("ada").await;
    assert!(half < all && all <= 2000 + worth_from(days(10)), "{half} {all}");
    shop.is_sound("ada").await;
}

#[tokio::test]
async fn who_upgrades_here_again_after_a_refund_pays_again_and_has_the_difference_again() {
    use billing_core::requests::ChangePlan;
    let (shop, order) = begun(Interval::Monthly, EXPIRE).await;
    let max = max(&shop, ChangePolicy::Prorate).await;
    let changes = async |plan| {
        let ask =
            ChangePlan { account: an_external_id("ada"), plan, interval: None, preview: false, key: None };
        let changed = shop.billing.change_plan(&ask).await.unwrap();
        shop.clock.advance(1);
        changed.offer
    };
    shop.clock.set(noon().plus_days(10));
    let first = changes(max.id).await;
    assert_eq!(shop.balance("ada").await, 2000 + first.credits_now.get());
    let query = PaymentQuery::Subscription { channel: Channel::named("stripe"), id: "sub_1", since: None };
    let payments = shop.store.payments(query).await.unwrap();
    let upgrade = payments.iter().find(|payment| payment.whole_period().is_none()).unwrap();
    let update = PaymentReversalUpdate::RefundedInAll(upgrade.paid);
    let back = PaymentReversal { payment: upgrade.refs.clone(), update };
    shop.hears("re", Fact::Reversal(back)).await;
    assert_eq!(shop.balance("ada").await, 2000);
    let summary = shop.billing.summary(&an_external_id("ada")).await.unwrap();
    let shown = summary.subscription.unwrap();
    assert_eq!((shown.plan.unwrap().slug, shown.renews_as.unwrap().slug), ("pro".into(), "max".into()));

    changes(shop.plan.id).await;
    shop.clock.set(noon().plus_days(20));
    let second = changes(max.id).await;
    assert!(second.due_now.minor > 0 && second.credits_now.get() > 0, "{second:?}");
    assert_eq!(shop.balance("ada").await, 2000 + second.credits_now.get());
    shop.is_sound("ada").await;
    drop(order);
}

/// A new year that starts at `at`; with a credit for the rest of the month, if `gives_back`.
fn fresh_year(order: &Order, at: Timestamp, gives_back: bool) -> Fact {
    let line = |price: &str, end, proration| PaidLine {
        price: price.to_owned(),
        quantity: 1,
        period: Period { start: at, end },
        free: false,
        proration,
        gives_back: proration,
    };
    let back = line("price_month", period(Interval::Monthly, 0).end, true);
    let year = line("price_year", at.plus_days(365), false);
    Fact::PeriodPaid(PaidPeriod {
        reason: PeriodReason::Change,
        lines: if gives_back { vec![back, year] } else { vec![year] },
        paid: Some(Money::new(20_000, order.price.currency)),
        ..paid(order, "in_year", Interval::Yearly, 0)
    })
}

#[tokio::test]
async fn what_a_fresh_year_had_ended_is_there_again_when_the_year_was_refunded() {
    let (shop, order) = begun(Interval::Monthly, EXPIRE).await;
    shop.clock.set(noon().plus_days(10));
    shop.billing.spend(a_spend_request("ada", 500, "some")).await.unwrap();
    shop.hears("year", fresh_year(&order, noon().plus_days(10), false)).await;
    shop.clock.advance(1);
    assert_eq!(shop.balance("ada").await, 2000, "the year's first month alone");
    shop.clock.set(noon().plus_days(12));
    shop.hears("half", goes_back("in_year", 10_000, &order)).await;
    shop.hears("all", goes_back("in_year", 20_000, &order)).await;
    shop.hears("again", goes_back("in_year", 20_000, &order)).await;
    assert_eq!(shop.balance("ada").await, 1500, "what was left of the month");
    shop.clock.set(period(Interval::Monthly, 0).end.plus_days(3).plus_seconds(-1));
    assert_eq!(shop.balance("ada").await, 1500);
    shop.clock.advance(1);
    assert_eq!(shop.balance("ada").await, 0, "it ends as it would have");
    shop.is_sound("ada").await;
}

#[tokio::test]
async fn a_month_and_a_fresh_year_that_was_refunded_end_the_same_in_every_order() {
    let seen = in_every_order(
        async || {
            let shop = Shop::open().await;
            let order = orders_plan(&shop, Interval::Monthly).await.order;
            shop.clock.set(noon().plus_days(12));
            let facts = vec![
                state(&order, Interval::Monthly, 0, Active, noon(), |_| {}),
                Fact::PeriodPaid(paid(&order, "in_1", Interval::Monthly, 0)),
                fresh_year(&order, noon().plus_days(10), false),
                goes_back("in_year", 20_000, &order),
            ];
            (shop, facts)
        },
        async |shop| balances(shop, &[15, 10, 30]).await,
    )
    .await;
    assert_eq!(seen, [2000, 2000, 0, 0]);
}

#[tokio::test]
async fn what_was_given_back_in_money_with_a_fresh_year_stays_ended() {
    let (shop, order) = begun(Interval::Monthly, EXPIRE).await;
    shop.clock.set(noon().plus_days(10));
    shop.hears("year", fresh_year(&order, noon().plus_days(10), true)).await;
    shop.clock.set(noon().plus_days(12));
    shop.hears("all", goes_back("in_year", 20_000, &order)).await;
    assert_eq!(shop.balance("ada").await, 0);
    shop.is_sound("ada").await;
}

#[tokio::test]
async fn a_refund_of_a_fresh_year_that_fails_ends_the_month_again() {
    let (shop, order) = begun(Interval::Monthly, EXPIRE).await;
    let facts = [
        (10, fresh_year(&order, noon().plus_days(10), false), 2000),
        (11, refund("in_year", RefundState::Succeeded, &order), 2000),
        (12, refund("in_year", RefundState::Failed, &order), 2000),
    ];
    for (day, fact, balance) in facts {
        shop.clock.set(noon().plus_days(day));
        shop.hears(&format!("evt_{day}"), fact).await;
        shop.clock.advance(1);
        assert_eq!(shop.balance("ada").await, balance, "day {day}");
    }
    // The month of the year outlives the month that was paid before.
    shop.clock.set(noon().plus_days(38));
    assert_eq!(shop.balance("ada").await, 2000);
    // A refund of the month itself takes all of its credits, and nothing twice.
    shop.hears("month", goes_back("in_1", order.price.minor, &order)).await;
    assert_eq!(shop.balance("ada").await, 2000);
    shop.is_sound("ada").await;
}

#[tokio::test]
async fn the_months_of_a_year_that_another_had_ended_are_there_again() {
    let (shop, order) = begun(Interval::Yearly, EXPIRE).await;
    shop.clock.set(noon().plus_days(40));
    let fresh = Fact::PeriodPaid(PaidPeriod {
        paid: Some(Money::new(20_000, order.price.currency)),
        ..paid(&order, "in_year", Interval::Yearly, 0)
    });
    let Fact::PeriodPaid(mut fresh) = fresh else { unreachable!() };
    fresh.reason = PeriodReason::Change;
    fresh.lines[0].period = Period { start: noon().plus_days(40), end: noon().plus_days(405) };
    shop.hears("year", Fact::PeriodPaid(fresh)).await;
    shop.clock.set(noon().plus_days(50));
    assert_eq!(shop.balance("ada").await, 2000);
    shop.hears("back", goes_back("in_year", 20_000, &order)).await;
    for month in 1..12 {
        shop.clock.set(period(Interval::Monthly, month).start.plus_days(20));
        assert_eq!(shop.balance("ada").await, 2000, "month {month}");
    }
    shop.clock.set(period(Interval::Yearly, 0).end.plus_days(4));
    assert_eq!(shop.balance("ada").await, 0);
    shop.is_sound("ada").await;
}

#[tokio::test]
async fn who_changes_to_a_year_within_the_hour_has_the_year_alone() {
    let (shop, order) = begun(Interval::Monthly, EXPIRE).await;
    shop.clock.set(noon().plus_seconds(600));
    shop.hears("year", fresh_year(&order, noon().plus_seconds(600), false)).await;
    shop.clock.advance(1);
    assert_eq!(shop.balance("ada").await, 2000);
    shop.is_sound("ada").await;
}
