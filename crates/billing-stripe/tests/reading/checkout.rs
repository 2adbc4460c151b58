//! Checkouts.

use super::*;

fn checkout(fact: &Fact) -> &CheckoutFact {
    match fact {
        Fact::Checkout(fact) => fact,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_checkout_names_everything_around_the_payment() {
    let ids = StoryIds::sample();
    let facts = told(Story::CreditsPaid, Shape::PostBasil);
    let fact = checkout(&facts[2].1);
    assert_eq!(fact.session, ids.session);
    assert_eq!((fact.outcome, fact.subscription_mode), (CheckoutOutcome::Paid, false));
    assert_eq!(fact.total, Some(usd(2000)));
    assert_eq!(fact.customer, Some(ids.customer));
    assert_eq!(fact.order_hint, Some(ids.order_id.parse().unwrap()));
    assert!(fact.refs.payment.as_ref().is_some_and(|id| id.starts_with("pi_")), "{fact:?}");
    assert_eq!((&fact.refs.subscription, &fact.refs.invoice), (&None, &None));

    let facts = told(Story::SubscriptionFirst, Shape::PreBasil);
    let fact = checkout(&facts.last().unwrap().1);
    assert!(fact.subscription_mode);
    assert_eq!(fact.refs.subscription, Some(ids.subscription));
    assert!(fact.refs.invoice.as_ref().is_some_and(|id| id.starts_with("in_")), "{fact:?}");
}

#[test]
fn a_checkouts_outcome_follows_the_event_and_the_money() {
    for (story, outcomes) in [
        (Story::CreditsSettled, &[CheckoutOutcome::Processing, CheckoutOutcome::Paid][..]),
        (Story::CreditsFailed, &[CheckoutOutcome::Processing, CheckoutOutcome::Failed]),
        (Story::CreditsExpired, &[CheckoutOutcome::Expired]),
    ] {
        for shape in Shape::ALL {
            let facts = told(story, shape);
            let seen: Vec<_> = facts.iter().map(|(_, fact)| checkout(fact).outcome).collect();
            assert_eq!(seen, outcomes, "{story:?} {shape:?}");
        }
    }
    let completed = || event(Story::CreditsPaid, Shape::PostBasil, "checkout.session.completed.payment.paid");
    let free = changed(
        completed(),
        &[("/payment_status", json!("no_payment_required")), ("/payment_intent", Value::Null)],
    );
    assert_eq!(checkout(&free.unwrap()).outcome, CheckoutOutcome::Paid);
    for (field, value) in [
        ("/payment_status", json!("promised")),
        ("/payment_status", Value::Null),
        ("/mode", json!("setup")),
        ("/mode", json!("barter")),
        ("/mode", Value::Null),
    ] {
        let fact = changed(completed(), &[(field, value.clone())]).unwrap();
        assert!(matches!(fact, Fact::Ignored(_)), "{field} {value}: {fact:?}");
    }
}

#[test]
fn the_order_is_hinted_by_metadata_and_else_by_the_reference() {
    let order = "ord_00000000000000000000000000000007";
    let completed = || event(Story::CreditsPaid, Shape::PostBasil, "checkout.session.completed.payment.paid");
    let hint = |metadata: Value, reference: Value| {
        let fact = changed(completed(), &[("/metadata", metadata), ("/client_reference_id", reference)]);
        checkout(&fact.unwrap()).order_hint.map(|id| id.to_string())
    };
    assert_eq!(hint(json!({ "order_id": order }), Value::Null).as_deref(), Some(order));
    assert_eq!(hint(json!({}), json!(order)).as_deref(), Some(order));
    assert_eq!(hint(Value::Null, json!(order)).as_deref(), Some(order));
    assert_eq!(hint(json!({ "order_id": "not ours" }), json!(order)).as_deref(), Some(order));
    assert_eq!(hint(json!({ "order_id": 7 }), json!("somebody")), None);
    assert_eq!(hint(json!({ "order_id": order.to_uppercase() }), Value::Null), None);
}

#[test]
fn references_are_ids_or_objects() {
    let completed = event(Story::CreditsPaid, Shape::PostBasil, "checkout.session.completed.payment.paid");
    let expanded = [
        ("/customer", json!({ "id": "cus_1", "object": "customer", "deleted": true })),
        ("/payment_intent", json!({ "id": "pi_1", "object": "payment_intent" })),
    ];
    let fact = changed(completed, &expanded).unwrap();
    assert_eq!(checkout(&fact).customer.as_deref(), Some("cus_1"));
    assert_eq!(checkout(&fact).refs.payment.as_deref(), Some("pi_1"));
}
