//! Failures at the door and on the way out: duplicates, forgeries, shapes, and what nobody has heard of.

use std::sync::Arc;

use billing_core::Job;
use billing_core::orders::OrderStatus;
use billing_core::payments::{Channel, WebhookHeaders};
use billing_core::ports::StoreError;
use billing_core::subscriptions::SubscriptionStatus;
use billing_core::webhooks::InboxState;
use billing_creem::{CreemConfig, CreemProvider, SIGNATURE_HEADER, sign};
use billing_testkit::builders::noon;
use billing_testkit::fixtures::creem::{CreemEvent, CreemStory, creem_events};
use itertools::Itertools;
use serde_json::{Value, json};

use crate::shop::{PACK, PLAN, SECRET, Shop, another};

fn cut() -> StoreError {
    StoreError::Unavailable(Arc::new(std::io::Error::other("the connection was cut")))
}

#[tokio::test]
async fn failure_1_the_first_period_grants_twice() {
    let shop = Shop::open().await;
    for (number, order) in (0..3).permutations(3).enumerate() {
        let purchase = shop.begins(&format!("buyer-{number}"), shop.plan).await;
        let events = purchase.told(CreemStory::FirstPeriod);
        let mut paid = false;
        for place in &order {
            shop.hears(&events[*place]).await;
            paid |= events[*place].kind == "subscription.paid";
            assert!(paid || shop.bought(&purchase.buyer).await.is_empty(), "{order:?}: only money grants");
        }
        shop.settles().await;
        assert_eq!(shop.bought(&purchase.buyer).await.len(), 1, "{order:?}");
        assert_eq!(shop.credits(&purchase.buyer).await, PLAN, "{order:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn failure_2_an_event_that_is_resent_retried_or_doubled_grants_again() {
    let shop = Arc::new(Shop::open().await);
    let purchase = shop.begins("ada", shop.plan).await;
    let mut deliveries = tokio::task::JoinSet::new();
    for event in purchase.told(CreemStory::Resent) {
        for _ in 0..5 {
            let (shop, event) = (shop.clone(), event.clone());
            deliveries.spawn(async move {
                shop.receives(&event).await.unwrap();
                shop.billing.run_due(Job::Inbox).await.unwrap();
            });
        }
    }
    deliveries.join_all().await;
    shop.settles().await;
    // The same charge under an id of its own, and the same id once more.
    let paid = purchase.event("subscription.paid.initial");
    shop.hears(&another(&paid, "evt_by_hand", &[])).await;
    shop.hears(&paid).await;
    assert_eq!(shop.bought("ada").await.len(), 2, "one for each transaction");
}

#[tokio::test]
async fn failure_3_a_payment_that_comes_first_is_lost_or_a_crash_loses_it() {
    let shop = Shop::open().await;
    let purchase = shop.begins("ada", shop.plan).await;
    let [link, _, paid] = &purchase.told(CreemStory::FirstPeriod)[..] else { panic!("three events") };
    shop.hears(paid).await;
    assert_eq!((shop.state_of(paid).await, shop.credits("ada").await), (Some(InboxState::Orphan), 0));
    // It cannot be kept: Creem is not told that all is well.
    shop.store.fail_next_write(cut());
    assert_eq!(shop.receives(link).await.unwrap_err().code(), "unavailable");
    shop.hears(link).await;
    // Between claim and effect something breaks: neither is there.
    shop.clock.advance(60);
    shop.store.fail_next_write(cut());
    assert_eq!(shop.billing.run_due(Job::Inbox).await.unwrap().failed, 1);
    assert_eq!((shop.state_of(paid).await, shop.credits("ada").await), (Some(InboxState::Failed), 0));
    shop.receives(paid).await.unwrap();
    shop.settles().await;
    assert_eq!((shop.state_of(paid).await, shop.credits("ada").await), (Some(InboxState::Processed), PLAN));
    assert_eq!(shop.bought("ada").await.len(), 1);
}

#[tokio::test]
async fn failure_4_metadata_of_a_payment_link_is_believed() {
    let shop = Shop::open().await;
    for (name, wanted) in [
        ("checkout.completed.onetime.forged_metadata_payment_link", shop.pack),
        ("subscription.paid.forged_metadata_other_order", shop.plan),
    ] {
        let purchase = shop.begins(&format!("victim-of-{name}"), wanted).await;
        let mut forged = purchase.ids.clone();
        forged.session = "ch_PaymentLink".to_owned();
        forged.subscription = "sub_PaymentLink".to_owned();
        forged.customer = "cust_Attacker".to_owned();
        let mut events = creem_events(&forged, noon()).into_iter();
        let (_, event) = events.find(|(other, _)| other == name).unwrap();
        assert!(
            String::from_utf8_lossy(&event.body).contains(&purchase.ids.order_id),
            "{name}: it names the order"
        );
        let before = shop.order(&purchase).await;
        shop.hears(&event).await;
        assert_eq!(
            shop.state_of(&event).await,
            Some(InboxState::Orphan),
            "{name}: kept, for somebody to look"
        );
        assert_eq!(shop.order(&purchase).await, before, "{name}");
        assert_eq!(shop.credits(&purchase.buyer).await, 0, "{name}");
        assert_eq!(shop.subscription(&purchase.buyer).await, None, "{name}");
    }
}

#[tokio::test]
async fn failure_5_a_signature_is_checked_loosely_or_makes_the_check_panic() {
    let shop = Shop::open().await;
    let purchase = shop.begins("ada", shop.pack).await;
    let event = purchase.event("checkout.completed.onetime.exclusive_tax");
    let (good, body) = (sign(SECRET, &event.body), event.body.as_slice());
    let mut flipped = body.to_vec();
    flipped[body.len() / 3] ^= 1;
    let again: Value = serde_json::from_slice(body).unwrap();
    let again = format!("{again:#}").into_bytes();
    for (code, body) in [
        (good.as_str(), flipped.as_slice()),
        (&good, &again),
        ("", body),
        (&good[..62], body),
        (&good[..63], body),
        ("zz", body),
        ("☃", body),
        (&good.to_uppercase(), body),
        (&format!("sha256={good}"), body),
        (&sign("whsec_another", body), body),
        (&sign("", body), body),
    ] {
        assert_eq!(shop.receives_signed(code, body).await.unwrap_err().code(), "invalid_signature", "{code}");
    }
    // Part of the stronger scheme beside a good code of the weaker: nobody falls through.
    for extra in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
        let given = [(extra, b"v1,AAAA".to_vec()), (SIGNATURE_HEADER, good.clone().into_bytes())];
        let given = WebhookHeaders::new(given.map(|(name, value)| (name.to_owned(), value)));
        let refused = shop.billing.receive_webhook(Channel::named("creem"), &given, body).await.unwrap_err();
        assert_eq!(refused.code(), "invalid_signature", "{extra}");
    }
    let nothing = shop.billing.receive_webhook(Channel::named("creem"), &WebhookHeaders::new([]), body).await;
    assert_eq!(nothing.unwrap_err().code(), "invalid_signature");
    assert_eq!(shop.state_of(&event).await, None, "nothing of all that is kept");
    shop.receives(&event).await.unwrap();
    shop.settles().await;
    assert_eq!(shop.credits("ada").await, PACK);
    for secret in ["", " "] {
        let config = CreemConfig::new("creem_test_1".into(), vec![secret.into()]);
        assert!(CreemProvider::try_new(config).is_err(), "{secret:?}: it does not even start");
    }
}

/// What an event comes to: the credits, the order, the subscription.
async fn comes_to(shop: &Shop, buyer: &str, event: impl Fn(&CreemEvent) -> CreemEvent, name: &str) -> String {
    let wanted = if name.contains("onetime") { shop.pack } else { shop.plan };
    let purchase = shop.begins(buyer, wanted).await;
    if name.starts_with("subscription.") {
        shop.hears(&purchase.told(CreemStory::FirstPeriod)[0]).await;
    }
    shop.hears(&event(&purchase.event(name))).await;
    let subscription = shop.subscription(buyer).await;
    let subscription = subscription.map(|now| (now.status, now.plan, now.period));
    format!("{} {:?} {subscription:?}", shop.credits(buyer).await, shop.order(&purchase).await.status)
}

#[tokio::test]
async fn failure_6_objects_that_are_ids_or_are_missing_are_not_understood() {
    let shop = Shop::open().await;
    for (whole, bare) in [
        ("checkout.completed.onetime.exclusive_tax", "checkout.completed.onetime.idonly"),
        ("checkout.completed.subscription.with_period", "checkout.completed.subscription.idonly"),
        ("subscription.paid.initial", "subscription.paid.initial.idonly"),
        ("subscription.paid.initial", "subscription.paid.initial.transaction_id_mismatch"),
        ("subscription.paid.renewal", "subscription.paid.renewal.no_last_transaction_object"),
        ("subscription.paid.renewal", "subscription.paid.renewal.no_metadata"),
        ("subscription.update.resumed", "subscription.update.idonly"),
        ("subscription.canceled.immediate_future_period_end", "subscription.canceled.idonly"),
    ] {
        let first = comes_to(&shop, &format!("whole-{whole}-{bare}"), CreemEvent::clone, whole).await;
        let second = comes_to(&shop, &format!("bare-{whole}-{bare}"), CreemEvent::clone, bare).await;
        assert_eq!(first, second, "{bare}");
    }
    // Each of these may be an object, an id, or nothing.
    for field in ["product", "customer", "items", "metadata", "collection_method", "last_transaction"] {
        let place = format!("/object/{field}");
        let without = |event: &CreemEvent| {
            let mut body: Value = serde_json::from_slice(&event.body).unwrap();
            let Some(value) = body.pointer_mut(&place) else { return event.clone() };
            *value = value.get("id").cloned().unwrap_or(Value::Null);
            CreemEvent { body: body.to_string().into_bytes(), ..event.clone() }
        };
        let name = "subscription.paid.initial";
        let (one, other) = (format!("whole-{field}"), format!("bare-{field}"));
        let whole = comes_to(&shop, &one, CreemEvent::clone, name).await;
        assert_eq!(whole, comes_to(&shop, &other, without, name).await, "{field}");
    }
}

#[tokio::test]
async fn failure_12_the_unknown_is_an_error_or_entitles_somebody() {
    let shop = Shop::open().await;
    for name in [
        "envelope.unknown_event_type",
        "envelope.mode_prod_on_test_key",
        "credits.granted",
        "credits.consumed",
        "credits.auto_recharged",
        "customer_credits.exhausted",
        "subscription.update.unknown_status_incomplete",
    ] {
        let purchase = shop.links(&format!("buyer-of-{name}")).await;
        let event = another(&purchase.event(name), &format!("evt_{name}"), &[]);
        shop.hears(&event).await;
        assert_eq!(shop.state_of(&event).await, Some(InboxState::Ignored), "{name}: answered as well as any");
        assert_eq!(shop.credits(&purchase.buyer).await, 0, "{name}");
        assert_eq!(shop.subscription(&purchase.buyer).await, None, "{name}");
    }
    // A status of tomorrow on a subscription that is there leaves it as it was.
    let purchase = shop.links("ada").await;
    shop.hears(&purchase.event("subscription.paid.initial")).await;
    let update = purchase.event("subscription.update.resumed");
    for status in ["incomplete", "expired", "", "something_new"] {
        let unknown = another(&update, &format!("evt_{status}"), &[("/object/status", json!(status))]);
        shop.hears(&unknown).await;
        assert_eq!(shop.subscription("ada").await.unwrap().status, SubscriptionStatus::Active, "{status}");
        assert_eq!(shop.credits("ada").await, PLAN, "{status}");
    }
    // An empty id would stand for all that have none.
    let blank = purchase.event("envelope.blank_event_id");
    assert_eq!(shop.receives(&blank).await.unwrap_err().code(), "invalid_event");
    assert_eq!(shop.order(&purchase).await.status, OrderStatus::Completed);
}
