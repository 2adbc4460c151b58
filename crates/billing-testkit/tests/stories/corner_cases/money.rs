//! Payments grant their credits, and only once.

use super::*;

#[tokio::test]
async fn two_lines_of_one_plan_and_period_count_together() {
    let shop = Shop::open().await;
    let order = orders_plan(&shop, Interval::Monthly).await.order;
    shop.hears("n", state(&order, Interval::Monthly, 0, Active, noon(), |f| f.items[0].quantity = 3)).await;
    let mut p = paid(&order, "in_1", Interval::Monthly, 0);
    let mut second = p.lines[0].clone();
    second.quantity = 2;
    p.lines.push(second);
    shop.hears("p", Fact::PeriodPaid(p)).await;
    assert_eq!(shop.balance("ada").await, 6000);
}

#[tokio::test]
async fn a_change_that_is_told_after_its_period_needs_an_operator() {
    let (shop, order) = begun(Interval::Monthly, EXPIRE).await;
    max(&shop, ChangePolicy::Prorate).await;
    shop.clock.set(period(Interval::Monthly, 1).start.plus_days(10));
    shop.hears("p2", Fact::PeriodPaid(paid(&order, "in_2", Interval::Monthly, 1))).await;
    let up = in_the_portal(&order, 0, ("price_month", "price_max_month"), noon().plus_days(10));
    shop.hears("up", up).await;
    let note = event(&shop, "up").await;
    assert!(note.contains("NeedsOperator"), "{note}");
}

#[tokio::test]
async fn a_dispute_that_was_won_and_a_renewal_end_the_same_in_either_order() {
    let mut seen = vec![];
    for renewal_first in [true, false] {
        let (shop, order) = begun(Interval::Monthly, EXPIRE).await;
        let next = period(Interval::Monthly, 1).start;
        shop.clock.set(noon().plus_days(5));
        shop.hears("d", dispute("in_1", DisputeState::Open, order.price.minor, &order)).await;
        assert_eq!(shop.balance("ada").await, 0);
        shop.clock.set(next.plus_seconds(60));
        shop.hears("s", state(&order, Interval::Monthly, 1, PastDue, next.plus_seconds(60), |_| {})).await;
        let won = dispute("in_1", DisputeState::Won, order.price.minor, &order);
        let renewal = Fact::PeriodPaid(paid(&order, "in_2", Interval::Monthly, 1));
        let facts = if renewal_first { [renewal, won] } else { [won, renewal] };
        shop.clock.set(next.plus_days(5));
        for (n, f) in facts.into_iter().enumerate() {
            shop.hears(&format!("f{n}"), f).await;
            shop.clock.advance(60);
        }
        seen.push(shop.balance("ada").await);
    }
    assert_eq!(seen[0], seen[1]);
}

#[tokio::test]
async fn a_payment_that_learns_its_invoice_grants_once() {
    let shop = Shop::open().await;
    let order = orders_plan(&shop, Interval::Monthly).await.order;
    let mut p = paid(&order, "in_1", Interval::Monthly, 0);
    p.refs = PaymentRefs::of_payment("pi_1");
    shop.hears("p1", Fact::PeriodPaid(p.clone())).await;
    p.refs = PaymentRefs { payment: Some("pi_1".into()), invoice: Some("in_1".into()) };
    shop.hears("p2", Fact::PeriodPaid(p)).await;
    assert_eq!(shop.balance("ada").await, 2000);
}

#[tokio::test]
async fn a_payment_that_learned_its_invoice_ends_with_its_subscription() {
    let shop = Shop::open().await;
    let order = orders_plan(&shop, Interval::Monthly).await.order;
    shop.hears("n", state(&order, Interval::Monthly, 0, Active, noon(), |_| {})).await;
    let mut p = paid(&order, "in_1", Interval::Monthly, 0);
    p.refs = PaymentRefs::of_payment("pi_1");
    shop.hears("p1", Fact::PeriodPaid(p.clone())).await;
    shop.hears(
        "refs",
        Fact::PaymentRefs(PaymentRefs { payment: Some("pi_1".into()), invoice: Some("in_1".into()) }),
    )
    .await;
    shop.clock.set(noon().plus_days(1));
    shop.hears("s", state(&order, Interval::Monthly, 0, Active, noon().plus_days(1), |_| {})).await;
    shop.clock.advance(1);
    assert_eq!(shop.balance("ada").await, 2000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn facts_that_are_told_at_once_grant_once() {
    for round in 0..30 {
        let shop = std::sync::Arc::new(Shop::open().await);
        let order = orders_plan(&shop, Interval::Monthly).await.order;
        let facts = [
            state(&order, Interval::Monthly, 0, Active, noon(), |_| {}),
            Fact::PeriodPaid(paid(&order, "in_1", Interval::Monthly, 0)),
            Fact::PeriodPaid(paid(&order, "in_1", Interval::Monthly, 0)),
            state(&order, Interval::Monthly, 0, Active, noon().plus_seconds(1), |_| {}),
        ];
        for (n, f) in facts.into_iter().enumerate() {
            shop.receives(&shop.provider.event(&format!("e{n}"), f)).await;
        }
        let tasks: Vec<_> = (0..4)
            .map(|_| {
                let shop = shop.clone();
                tokio::spawn(async move { shop.works().await })
            })
            .collect();
        for t in tasks {
            t.await.unwrap();
        }
        catches_up(&shop).await;
        assert_eq!(shop.balance("ada").await, 2000, "{round}");
        shop.is_sound("ada").await;
    }
}

#[tokio::test]
async fn a_partial_refund_a_failed_renewal_and_a_recovery_fit_together() {
    let (shop, order) = begun(Interval::Monthly, EXPIRE).await;
    let next = period(Interval::Monthly, 1).start;
    shop.clock.set(noon().plus_days(10));
    let half = order.price.minor / 2;
    let refund = PaymentReversal {
        payment: PaymentRefs::of_invoice("in_1"),
        update: PaymentReversalUpdate::RefundedInAll(Money::new(half, order.price.currency)),
    };
    shop.hears("re", Fact::Reversal(refund)).await;
    let b = shop.balance("ada").await;
    shop.clock.set(next.plus_seconds(60));
    shop.hears("pd", state(&order, Interval::Monthly, 1, PastDue, next.plus_seconds(60), |_| {})).await;
    assert_eq!(shop.balance("ada").await, b);
    shop.clock.set(next.plus_days(5));
    shop.hears("p2", Fact::PeriodPaid(paid(&order, "in_2", Interval::Monthly, 1))).await;
    shop.hears("p1", Fact::PeriodPaid(paid(&order, "in_1", Interval::Monthly, 0))).await;
    shop.hears("ac", state(&order, Interval::Monthly, 1, Active, next.plus_days(5), |_| {})).await;
    shop.clock.advance(1);
    assert_eq!(shop.balance("ada").await, 2000);
    shop.is_sound("ada").await;
}

#[tokio::test]
async fn a_payment_that_is_long_over_keeps_nobody_from_subscribing() {
    let shop = Shop::open().await;
    let order = orders_plan(&shop, Interval::Monthly).await.order;
    shop.clock.set(noon().plus_days(200));
    let mut p = paid(&order, "in_old", Interval::Monthly, 0);
    p.order_hint = None;
    shop.hears("old", Fact::PeriodPaid(p)).await;
    let note = event(&shop, "old").await;
    let ask = a_checkout(
        "ada",
        Channel::named("stripe"),
        PurchaseItem::Plan(shop.plan.id, Interval::Monthly),
        Some("again"),
    );
    let refused = shop.billing.start_checkout(&ask).await.map(|_| ()).map_err(|e| e.code());
    assert_eq!(refused, Ok(()), "{note}");
}

#[tokio::test]
async fn a_duplicate_that_renews_after_the_first_ended_goes_back() {
    let (shop, order) = begun(Interval::Monthly, EXPIRE).await;
    shop.hears("n2", state(&order, Interval::Monthly, 0, Active, noon(), |f| f.id = "sub_2".into())).await;
    let pay2 = |invoice: &str, count| {
        Fact::PeriodPaid(PaidPeriod {
            subscription: "sub_2".into(),
            ..paid(&order, invoice, Interval::Monthly, count)
        })
    };
    shop.hears("p2", pay2("in_d1", 0)).await;
    let end = period(Interval::Monthly, 1).start;
    shop.clock.set(end);
    shop.hears("e1", state(&order, Interval::Monthly, 0, Canceled, end, |f| f.ended_at = Some(end))).await;
    shop.hears("p2b", pay2("in_d2", 1)).await;
    shop.clock.advance(1);
    assert_eq!(shop.balance("ada").await, 0);
    let r = shop.billing.run_due(Job::Duplicates).await.unwrap();
    assert_eq!((r.done, shop.provider.asked_refunds().len()), (1, 2));
}

#[tokio::test]
async fn a_dispute_a_year_later_takes_what_never_ends() {
    let (shop, order) = begun(Interval::Yearly, RolloverPolicy { mode: RolloverMode::Keep, cap: None }).await;
    shop.clock.set(noon().plus_days(460));
    assert_eq!(shop.balance("ada").await, 24000);
    shop.hears("d", dispute("in_1", DisputeState::Lost, order.price.minor, &order)).await;
    assert_eq!(shop.balance("ada").await, 0);
    shop.is_sound("ada").await;
}

#[tokio::test]
async fn an_invoice_that_is_sent_again_with_other_lines_grants_what_was_agreed() {
    let (shop, order) = begun(Interval::Monthly, EXPIRE).await;
    let next = period(Interval::Monthly, 1);
    // The renewal's invoice is reported twice, the second time with other lines.
    shop.clock.set(next.start.plus_seconds(60));
    let mut p = paid(&order, "in_2", Interval::Monthly, 1);
    let extra = PaidLine { price: "price_year".into(), ..p.lines[0].clone() };
    p.lines[0].quantity = 1;
    shop.hears("p", Fact::PeriodPaid(p.clone())).await;
    // Between two events of the same payment, the plan is changed in the catalogue.
    let draft = PlanDraft {
        credits_included: Credits::new(9000),
        price_yearly: Some(20_000),
        prices: stripe_prices("price_month", "price_year"),
        ..a_plan_draft("pro")
    };
    shop.billing.publish_plan(Some(shop.plan.id), &draft).await.unwrap();
    p.lines = vec![PaidLine { quantity: 5, ..extra }];
    shop.hears("p_again", Fact::PeriodPaid(p)).await;
    shop.clock.advance(1);
    assert_eq!(shop.balance("ada").await, 2000);
}

#[tokio::test]
async fn what_was_refunded_is_not_flagged_again() {
    let shop = Shop::open().await;
    let order = orders_plan(&shop, Interval::Monthly).await.order;
    shop.clock.set(noon().plus_days(60));
    let p = || Fact::PeriodPaid(paid(&order, "in_1", Interval::Monthly, 0));
    shop.hears("p1", p()).await;
    let refund = PaymentReversal {
        payment: PaymentRefs::of_invoice("in_1"),
        update: PaymentReversalUpdate::RefundedInAll(order.price),
    };
    shop.hears("re", Fact::Reversal(refund)).await;
    shop.hears("p2", p()).await;
    assert!(!event(&shop, "p2").await.contains("NeedsOperator"));
}

#[tokio::test]
async fn a_year_whose_amount_is_not_said_cost_the_year() {
    let shop = Shop::open().await;
    let order = orders_plan(&shop, Interval::Yearly).await.order;
    let p = PaidPeriod { paid: None, order_hint: None, ..paid(&order, "in_1", Interval::Yearly, 0) };
    shop.hears("p", Fact::PeriodPaid(p)).await;
    let all = shop
        .store
        .payments(PaymentQuery::Subscription { channel: Channel::named("stripe"), id: "sub_1", since: None })
        .await
        .unwrap();
    assert_eq!(all[0].paid.minor, 20_000);
}

#[tokio::test]
async fn a_change_of_a_period_that_is_over_takes_nothing_from_a_change_in_the_next() {
    let mut seen = Vec::new();
    for told_late in [false, true] {
        let (shop, order) = begun(Interval::Monthly, EXPIRE).await;
        max(&shop, ChangePolicy::Prorate).await;
        shop.clock.set(period(Interval::Monthly, 1).start.plus_days(10));
        shop.hears("renewed", Fact::PeriodPaid(paid(&order, "in_2", Interval::Monthly, 1))).await;
        let prices = ("price_month", "price_max_month");
        if told_late {
            shop.hears("late", in_the_portal(&order, 0, prices, noon().plus_days(10))).await;
        }
        let upgraded = in_the_portal(&order, 1, prices, noon().plus_days(35));
        let Fact::PeriodPaid(mut upgraded) = upgraded else { unreachable!() };
        for line in &mut upgraded.lines {
            line.period.end = period(Interval::Monthly, 1).end;
        }
        shop.hears("upgraded", Fact::PeriodPaid(upgraded)).await;
        seen.push(shop.balance("ada").await);
    }
    assert_eq!(seen[0], seen[1]);
    assert!(seen[0] > 2000, "{seen:?}");
}
