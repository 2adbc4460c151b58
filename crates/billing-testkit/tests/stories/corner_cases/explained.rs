//! Every collected payment grants, is reversed, or is left to an operator with a sentence.

use super::*;

async fn is_left_to_an_operator(shop: &Shop, id: &str) {
    let note = event(shop, id).await;
    assert!(note.contains("NeedsOperator"), "{id}: {note}");
}

async fn needs_nobody(shop: &Shop, id: &str) {
    let note = event(shop, id).await;
    assert!(note.contains("Processed"), "{id}: {note}");
}

#[tokio::test]
async fn money_for_a_running_period_that_is_told_after_the_end_is_left_to_an_operator() {
    let month = period(Interval::Monthly, 1);
    let at = month.start.plus_days(10);
    for told_first in [false, true] {
        let (shop, order) = begun(Interval::Monthly, EXPIRE).await;
        let renewal = Fact::PeriodPaid(PaidPeriod {
            collected_at: Some(month.start),
            ..paid(&order, "in_2", Interval::Monthly, 1)
        });
        let ended = state(&order, Interval::Monthly, 1, Canceled, at, |fact| fact.ended_at = Some(at));
        shop.clock.set(at.plus_seconds(60));
        if !told_first {
            shop.hears("end", ended.clone()).await;
        }
        for again in 0..3 {
            shop.hears(&format!("p2_{again}"), renewal.clone()).await;
        }
        if told_first {
            shop.hears("end", ended).await;
            shop.clock.advance(1);
            needs_nobody(&shop, "p2_0").await;
        } else {
            is_left_to_an_operator(&shop, "p2_0").await;
            is_left_to_an_operator(&shop, "p2_2").await;
        }
        assert_eq!(shop.balance("ada").await, 0, "{told_first}");
        shop.is_sound("ada").await;
    }
}

#[tokio::test]
async fn money_for_a_change_that_the_policy_gives_nothing_for_is_left_to_an_operator() {
    let (shop, order) = begun(Interval::Monthly, EXPIRE).await;
    max(&shop, ChangePolicy::None).await;
    shop.clock.set(noon().plus_days(10));
    let up = in_the_portal(&order, 0, ("price_month", "price_max_month"), noon().plus_days(10));
    shop.hears("up", up).await;
    is_left_to_an_operator(&shop, "up").await;
    let down = in_the_portal(&order, 1, ("price_max_month", "price_month"), noon().plus_days(11));
    shop.hears("down", down).await;
    needs_nobody(&shop, "down").await;
    assert_eq!(shop.balance("ada").await, 2000);
}

#[tokio::test]
async fn money_for_a_change_that_brings_no_more_than_there_was_is_left_to_an_operator() {
    let (shop, order) = begun(Interval::Monthly, EXPIRE).await;
    max(&shop, ChangePolicy::Prorate).await;
    let prices = [("price_month", "price_max_month"), ("price_max_month", "price_month")];
    for (number, flagged) in [false, false, true].into_iter().enumerate() {
        let at = noon().plus_days(10 + i64::try_from(number).unwrap());
        shop.clock.set(at);
        let id = format!("change_{number}");
        shop.hears(&id, in_the_portal(&order, number, prices[number % 2], at)).await;
        if flagged { is_left_to_an_operator(&shop, &id).await } else { needs_nobody(&shop, &id).await }
    }
}

#[tokio::test]
async fn a_first_invoice_for_a_part_of_a_period_is_left_to_an_operator() {
    let shop = Shop::open().await;
    let order = orders_plan(&shop, Interval::Monthly).await.order;
    let mut part = paid(&order, "in_1", Interval::Monthly, 0);
    part.lines[0].proration = true;
    shop.hears("part", Fact::PeriodPaid(part)).await;
    is_left_to_an_operator(&shop, "part").await;
    assert_eq!(shop.balance("ada").await, 0);
}

#[tokio::test]
async fn money_for_another_reason_that_pays_for_a_plan_is_left_to_an_operator() {
    let (shop, order) = begun(Interval::Monthly, EXPIRE).await;
    let other = PaidPeriod { reason: PeriodReason::Other, ..paid(&order, "in_2", Interval::Monthly, 1) };
    let nothing = PaidPeriod { paid: Some(Money::new(0, order.price.currency)), ..other.clone() };
    let nothing = PaidPeriod { refs: PaymentRefs::of_invoice("in_3"), payment: "in_3".to_owned(), ..nothing };
    let mut foreign = PaidPeriod { refs: PaymentRefs::of_invoice("in_4"), ..other.clone() };
    "price_of_something_else".clone_into(&mut foreign.lines[0].price);
    for again in 0..2 {
        shop.hears(&format!("other_{again}"), Fact::PeriodPaid(other.clone())).await;
        is_left_to_an_operator(&shop, &format!("other_{again}")).await;
    }
    shop.hears("nothing", Fact::PeriodPaid(nothing)).await;
    assert!(event(&shop, "nothing").await.contains("Ignored"));
    shop.hears("foreign", Fact::PeriodPaid(foreign)).await;
    assert!(event(&shop, "foreign").await.contains("Ignored"));
    assert_eq!(shop.balance("ada").await, 2000);
    // It can be refunded, because it was recorded.
    let refs = PaymentRefs::of_invoice("in_2");
    let noted = shop.store.payment(billing_core::ports::PaymentRef::Refs(Channel::named("stripe"), &refs));
    assert_eq!(noted.await.unwrap().unwrap().paid, order.price);
}

#[tokio::test]
async fn a_pack_that_was_paid_short_or_in_another_currency_brings_nothing_until_an_operator_says() {
    use billing_core::payments::CheckoutOutcome::Paid;
    let eur = |minor| Money::new(minor, "eur".parse().unwrap());
    let usd = |minor| Money::new(minor, "usd".parse().unwrap());
    let shop = Shop::open().await;
    let started = shop.orders_pack("ada").await;
    let price = started.order.price.minor;
    for (number, total) in [usd(1), usd(price - 1), eur(price)].into_iter().enumerate() {
        let shop = Shop::open().await;
        let started = shop.orders_pack("ada").await;
        let Fact::Checkout(fact) = super::super::shop::told(&started, Paid) else { unreachable!() };
        for again in 0..2 {
            let short = Fact::Checkout(CheckoutFact { total: Some(total), ..fact.clone() });
            shop.hears(&format!("short_{again}"), short).await;
            is_left_to_an_operator(&shop, &format!("short_{again}")).await;
        }
        assert_eq!(shop.balance("ada").await, 0, "{number}");
        let listed = shop.store.payments(PaymentQuery::Order(started.order.id)).await.unwrap();
        assert_eq!(listed.iter().map(|payment| payment.paid).collect::<Vec<_>>(), [total], "{number}");
        shop.is_sound("ada").await;
    }
    // Tax comes on top.
    let Fact::Checkout(fact) = super::super::shop::told(&started, Paid) else { unreachable!() };
    let taxed = Fact::Checkout(CheckoutFact { total: Some(usd(price + price / 5)), ..fact });
    shop.hears("taxed", taxed).await;
    needs_nobody(&shop, "taxed").await;
    assert_eq!(shop.balance("ada").await, 1050);
}

#[tokio::test]
async fn money_that_went_back_in_another_currency_is_left_to_an_operator() {
    let (shop, _) = begun(Interval::Monthly, EXPIRE).await;
    let update = PaymentReversalUpdate::RefundedInAll(Money::new(500, "eur".parse().unwrap()));
    let back = PaymentReversal { payment: PaymentRefs::of_invoice("in_1"), update };
    shop.hears("back", Fact::Reversal(back)).await;
    is_left_to_an_operator(&shop, "back").await;
    assert_eq!(shop.balance("ada").await, 2000);
}
