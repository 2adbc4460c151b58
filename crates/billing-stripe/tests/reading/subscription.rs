//! Subscriptions.

use billing_core::payments::SubscriptionItem;

use super::*;

fn subscription(fact: &Fact) -> &SubscriptionFact {
    match fact {
        Fact::Subscription(fact) => fact,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_subscription_is_described() {
    let ids = StoryIds::sample();
    for shape in Shape::ALL {
        let facts = told(Story::SubscriptionRenewed, shape);
        let fact = subscription(&facts[1].1);
        assert_eq!((&fact.id, &fact.customer), (&ids.subscription, &ids.customer));
        assert_eq!(fact.status, SubscriptionStatus::Active);
        assert_eq!(fact.items, [SubscriptionItem::one(&*ids.price)]);
        assert_eq!(fact.period, Some(month()));
        assert_eq!(fact.started_at, now().plus_seconds(-MONTH));
        assert_eq!(fact.provider_updated_at, now().plus_seconds(1));
        assert_eq!(fact.order_hint, Some(ids.order_id.parse().unwrap()));
        assert!(!fact.cancel_at_period_end);
        assert_eq!(
            (fact.cancel_at, fact.canceled_at, fact.ended_at, fact.trial_end),
            (None, None, None, None)
        );
    }
}

#[test]
fn every_status_is_known_and_others_entitle_nobody() {
    let updated =
        || event(Story::SubscriptionRenewed, Shape::PostBasil, "customer.subscription.updated.renewed");
    for status in SubscriptionStatus::ALL {
        let fact = changed(updated(), &[("/status", json!(status.as_str()))]).unwrap();
        assert_eq!(subscription(&fact).status, *status);
    }
    let fact = changed(updated(), &[("/status", json!("hibernating"))]).unwrap();
    assert!(matches!(fact, Fact::Ignored(_)), "{fact:?}");
}

#[test]
fn every_type_of_news_describes_the_subscription_and_a_deleted_one_has_ended() {
    for kind in ["created", "updated", "paused", "resumed", "deleted"] {
        let mut news =
            event(Story::SubscriptionRenewed, Shape::PostBasil, "customer.subscription.updated.renewed");
        news["type"] = json!(format!("customer.subscription.{kind}"));
        let fact = read(news.to_string().as_bytes()).unwrap();
        let (status, ended) = match kind {
            "deleted" => (SubscriptionStatus::Canceled, Some(now().plus_seconds(1))),
            _ => (SubscriptionStatus::Active, None),
        };
        assert_eq!((subscription(&fact).status, subscription(&fact).ended_at), (status, ended), "{kind}");
    }
}

#[test]
fn a_scheduled_end_is_seen_with_and_without_the_flag() {
    let updated =
        || event(Story::SubscriptionRenewed, Shape::PostBasil, "customer.subscription.updated.renewed");
    let end = now().plus_seconds(MONTH).unix_seconds();
    for (flag, cancel_at, ends) in [
        (json!(false), Value::Null, false),
        (json!(true), Value::Null, true),
        (json!(true), json!(end), true),
        // The customer portal, in flexible billing mode.
        (json!(false), json!(end), true),
        (json!(false), json!(end + 1), false),
        (Value::Null, Value::Null, false),
    ] {
        let changes = [("/cancel_at_period_end", flag.clone()), ("/cancel_at", cancel_at.clone())];
        let fact = changed(updated(), &changes).unwrap();
        assert_eq!(subscription(&fact).cancel_at_period_end, ends, "{flag} {cancel_at}");
        assert_eq!(subscription(&fact).cancel_at.map(Timestamp::unix_seconds), cancel_at.as_i64());
    }
}

#[test]
fn a_cancellation_has_the_customers_words_else_the_reason_of_stripe() {
    for (comment, feedback, reason, shown) in [
        (Some("Bye"), Some("too_expensive"), Some("cancellation_requested"), Some("Bye")),
        (None, Some("too_expensive"), Some("cancellation_requested"), Some("too_expensive")),
        (None, None, Some("payment_failed"), Some("payment_failed")),
        (None, None, Some("cancellation_requested"), None),
        (None, None, None, None),
    ] {
        let news =
            event(Story::SubscriptionRenewed, Shape::PostBasil, "customer.subscription.updated.renewed");
        let details = json!({ "comment": comment, "feedback": feedback, "reason": reason });
        let fact = changed(news, &[("/cancellation_details", details)]).unwrap();
        assert_eq!(subscription(&fact).cancel_reason.as_deref(), shown);
    }
}

#[test]
fn of_several_items_each_is_told_that_has_a_price_and_the_shared_period() {
    let updated =
        event(Story::SubscriptionRenewed, Shape::PostBasil, "customer.subscription.updated.renewed");
    let items = json!([
        { "id": "si_0", "current_period_start": 100, "current_period_end": 900 },
        { "id": "si_1", "price": { "id": "price_1" }, "current_period_start": 200, "current_period_end": 1000 },
        { "id": "si_2", "price": "price_2", "quantity": 3 },
    ]);
    let fact = changed(updated, &[("/items/data", items)]).unwrap();
    let at = Timestamp::from_unix_seconds;
    assert_eq!(subscription(&fact).period, Some(Period { start: at(200), end: at(900) }));
    let items =
        [SubscriptionItem::one("price_1"), SubscriptionItem { price: "price_2".to_owned(), quantity: 3 }];
    assert_eq!(subscription(&fact).items, items);
}
