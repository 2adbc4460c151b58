//! Mid-period changes that are paid with the renewal.

use super::every_order::{balances, in_every_order};
use super::*;

/// The renewal's invoice with a change made in the month before.
fn renewal_with_change(order: &Order, at: Timestamp) -> Fact {
    let rest = Period { start: at, end: period(Interval::Monthly, 0).end };
    let line = |price: &str, period, proration, gives_back| PaidLine {
        price: price.to_owned(),
        quantity: 1,
        period,
        free: false,
        proration,
        gives_back,
    };
    Fact::PeriodPaid(PaidPeriod {
        lines: vec![
            line("price_month", rest, true, true),
            line("price_max_month", rest, true, false),
            line("price_max_month", period(Interval::Monthly, 1), false, false),
        ],
        paid: Some(Money::new(4000, order.price.currency)),
        ..paid(order, "in_2", Interval::Monthly, 1)
    })
}

/// The credits that a separate invoice of the same change grants.
async fn of_its_own(at: Timestamp) -> i64 {
    let (shop, order) = begun(Interval::Monthly, EXPIRE).await;
    max(&shop, ChangePolicy::Prorate).await;
    shop.clock.set(at);
    shop.hears("up", in_the_portal(&order, 0, ("price_month", "price_max_month"), at)).await;
    shop.clock.advance(1);
    shop.balance("ada").await - 2000
}

#[tokio::test]
async fn a_change_that_is_paid_with_the_renewal_brings_what_its_own_invoice_would() {
    let at = noon().plus_days(10);
    let worth = of_its_own(at).await;
    assert!(worth > 2000, "{worth}");
    for (policy, brings) in [(ChangePolicy::Prorate, worth), (ChangePolicy::None, 0)] {
        let (shop, order) = begun(Interval::Monthly, EXPIRE).await;
        max(&shop, policy).await;
        let next = period(Interval::Monthly, 1);
        shop.clock.set(next.start.plus_seconds(60));
        shop.hears("p2", renewal_with_change(&order, at)).await;
        shop.clock.advance(1);
        assert_eq!(shop.balance("ada").await, 6000 + brings);
        shop.clock.set(next.end.plus_days(3).plus_seconds(-1));
        assert_eq!(
            shop.balance("ada").await,
            6000 + brings,
            "to be spent in the period that was paid with it"
        );
        shop.clock.advance(1);
        assert_eq!(shop.balance("ada").await, 0);
        shop.is_sound("ada").await;
    }
}

#[tokio::test]
async fn a_renewal_with_a_change_ends_the_same_in_every_order_and_goes_back_with_its_money() {
    let at = noon().plus_days(10);
    let worth = of_its_own(at).await;
    for refunded in [false, true] {
        let seen = in_every_order(
            async || {
                let shop = Shop::open().await;
                let order = orders_plan(&shop, Interval::Monthly).await.order;
                max(&shop, ChangePolicy::Prorate).await;
                shop.clock.set(period(Interval::Monthly, 1).start.plus_seconds(60));
                let mut facts = vec![
                    Fact::PeriodPaid(paid(&order, "in_1", Interval::Monthly, 0)),
                    state(&order, Interval::Monthly, 0, Active, noon(), |_| {}),
                    renewal_with_change(&order, at),
                ];
                if refunded {
                    let update = PaymentReversalUpdate::RefundedInAll(Money::new(4000, order.price.currency));
                    let payment = PaymentRefs::of_invoice("in_2");
                    facts.push(Fact::Reversal(PaymentReversal { payment, update }));
                }
                (shop, facts)
            },
            async |shop| shop.balance("ada").await,
        )
        .await;
        // After a refund of the renewal, the month before remains for its grace period.
        assert_eq!(seen, if refunded { 2000 } else { 6000 + worth });
    }
}

#[tokio::test]
async fn a_renewal_of_prorations_alone_brings_them_too() {
    let at = noon().plus_days(10);
    let (shop, order) = begun(Interval::Monthly, EXPIRE).await;
    max(&shop, ChangePolicy::Prorate).await;
    shop.clock.set(at);
    let Fact::PeriodPaid(mut fact) = in_the_portal(&order, 0, ("price_month", "price_max_month"), at) else {
        unreachable!()
    };
    fact.reason = PeriodReason::Cycle;
    shop.hears("up", Fact::PeriodPaid(fact)).await;
    shop.clock.advance(1);
    assert_eq!(balances(&shop, &[]).await, [2000 + of_its_own(at).await]);
}
