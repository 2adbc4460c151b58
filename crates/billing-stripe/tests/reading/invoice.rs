//! Invoices.

use super::*;

fn paid(fact: &Fact) -> &PaidPeriod {
    match fact {
        Fact::PeriodPaid(fact) => fact,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_first_period_is_paid() {
    let ids = StoryIds::sample();
    for shape in Shape::ALL {
        let facts = told(Story::SubscriptionFirst, shape);
        let (_, fact) = facts.iter().find(|(name, _)| *name == "invoice.paid.subscription_create").unwrap();
        let fact = paid(fact);
        assert_eq!((fact.reason, fact.paid), (PeriodReason::Create, Some(usd(2000))));
        assert_eq!((&fact.subscription, &fact.customer), (&ids.subscription, &ids.customer));
        assert_eq!(fact.order_hint, Some(ids.order_id.parse().unwrap()));
        assert_eq!(fact.lines.len(), 1);
        assert_eq!((&fact.lines[0].price, fact.lines[0].proration), (&ids.price, false));
        assert_eq!(fact.lines[0].period, month());
    }
}

#[test]
fn a_renewal_is_paid_for_its_lines_period_not_the_invoices() {
    for shape in Shape::ALL {
        let facts = told(Story::SubscriptionRenewed, shape);
        let fact = paid(&facts[2].1);
        assert_eq!(fact.reason, PeriodReason::Cycle);
        assert_eq!(fact.lines[0].period, month());
    }
}

#[test]
fn invoices_that_pay_for_no_period() {
    for shape in Shape::ALL {
        let invoice = || event(Story::SubscriptionFirst, shape, "invoice.paid.subscription_create");
        let fact = changed(invoice(), &[("/status", json!("open"))]).unwrap();
        assert!(matches!(fact, Fact::Ignored(_)), "{fact:?}");
        for (text, reason) in [
            (json!("subscription_update"), PeriodReason::Change),
            (json!("manual"), PeriodReason::Other),
            (json!("subscription_threshold"), PeriodReason::Other),
            (json!("something_new"), PeriodReason::Other),
            (Value::Null, PeriodReason::Other),
        ] {
            let fact = changed(invoice(), &[("/billing_reason", text)]).unwrap();
            assert_eq!(paid(&fact).reason, reason);
        }
        let trial = changed(invoice(), &[("/lines/data/0/amount", json!(0))]).unwrap();
        assert!(paid(&trial).lines.iter().all(|line| line.free));
        // Paid by a coupon or by what the customer had left: nothing came, and all of it is granted.
        let discounted = changed(invoice(), &[("/total", json!(0)), ("/amount_paid", json!(0))]).unwrap();
        assert!(paid(&discounted).lines.iter().all(|line| !line.free));
    }
}

#[test]
fn prorations_are_told_and_extras_left_out() {
    let proration = [
        (Shape::PostBasil, "/lines/data/0/parent/subscription_item_details/proration"),
        (Shape::PreBasil, "/lines/data/0/proration"),
    ];
    for (shape, pointer) in proration {
        let invoice = event(Story::SubscriptionFirst, shape, "invoice.paid.subscription_create");
        let fact = changed(invoice, &[(pointer, json!(true)), ("/lines/data/0/type", json!("invoiceitem"))]);
        assert!(paid(&fact.unwrap()).lines[0].proration, "{shape:?}");
    }
    for shape in Shape::ALL {
        let invoice = event(Story::SubscriptionFirst, shape, "invoice.paid.subscription_create");
        let extra = event(Story::Odd, shape, "odd.manual_invoice");
        let lines: Vec<_> =
            [&extra, &invoice].map(|of| of["data"]["object"]["lines"]["data"][0].clone()).into();
        let fact = changed(invoice, &[("/lines/data", lines.into())]).unwrap();
        assert_eq!(paid(&fact).lines.len(), 1, "{shape:?}");
        assert_eq!(paid(&fact).lines[0].price, StoryIds::sample().price);
    }
}

#[test]
fn the_subscription_of_an_invoice_is_found_on_its_lines_if_need_be() {
    let invoice = event(Story::SubscriptionFirst, Shape::PostBasil, "invoice.paid.subscription_create");
    let fact = changed(invoice, &[("/parent", Value::Null)]).unwrap();
    assert_eq!(paid(&fact).subscription, StoryIds::sample().subscription);
    let invoice = event(Story::SubscriptionFirst, Shape::PreBasil, "invoice.paid.subscription_create");
    let fact = changed(invoice, &[("/subscription", Value::Null)]).unwrap();
    assert_eq!(paid(&fact).subscription, StoryIds::sample().subscription);
}

#[test]
fn a_paid_period_that_cannot_be_understood_is_an_error_with_a_place() {
    let invoice = || event(Story::SubscriptionFirst, Shape::PostBasil, "invoice.paid.subscription_create");
    for (pointer, value, place) in [
        ("/customer", Value::Null, "data.object.customer"),
        ("/customer", json!(7), "data.object.customer"),
        ("/currency", json!("zzz"), "data.object.currency"),
        ("/subtotal", json!("20.00"), "data.object.subtotal"),
        ("/lines", Value::Null, "data.object.lines"),
        ("/lines/data", json!([]), "data.object.lines"),
        ("/lines/data/0/period", json!({ "start": 1 }), "data.object.lines.data[0].period"),
        ("/lines/data/0/pricing", Value::Null, "data.object.lines"),
    ] {
        let problem = changed(invoice(), &[(pointer, value)]).unwrap_err();
        assert!(problem.starts_with(place), "{pointer}: {problem}");
    }
}
