//! Failures at the door: what comes twice, at once, too early, or from somebody else.

use std::sync::Arc;

use billing_core::Job;
use billing_core::orders::OrderStatus;
use billing_core::payments::{Channel, WebhookHeaders};
use billing_core::ports::StoreError;
use billing_core::webhooks::InboxState;
use billing_stripe::{SIGNATURE_HEADER, StripeConfig, StripeProvider, sign};
use billing_testkit::fixtures::stripe::{Era, Shape, Story, stripe_events};
use itertools::Itertools;

use crate::common::{SECRET, headers};
use crate::shop::{PACK, PLAN, Shop};

fn cut() -> StoreError {
    StoreError::Unavailable(Arc::new(std::io::Error::other("the connection was cut")))
}

#[tokio::test]
async fn failure_1_two_different_events_of_one_purchase_both_grant() {
    let shop = Shop::open().await;
    let subscribing = [
        "checkout.session.completed",
        "invoice.paid",
        "invoice.payment_succeeded",
        "customer.subscription.created",
    ];
    for shape in Shape::ALL {
        for (number, order) in (0..subscribing.len()).permutations(subscribing.len()).enumerate() {
            let purchase = shop.begins(&format!("plan-{shape:?}-{number}"), shop.plan).await;
            let events = purchase.told_of(Story::SubscriptionFirst, shape, &subscribing);
            assert_eq!(events.len(), subscribing.len());
            for place in order {
                shop.hears(&events[place]).await;
            }
            shop.settles().await;
            assert_eq!(shop.bought(&purchase.buyer).await.len(), 1, "{shape:?}");
            assert_eq!(shop.credits(&purchase.buyer).await, PLAN);
        }
    }
    // A pack's payment, charge and invoice are told as well.
    let buying = [
        "checkout.session.completed.payment.paid",
        "payment_intent.succeeded.credits",
        "charge.succeeded.credits",
        "odd.manual_invoice",
    ];
    for (number, names) in buying.iter().permutations(buying.len()).step_by(2).enumerate() {
        let purchase = shop.begins(&format!("pack-{number}"), shop.pack).await;
        let events = stripe_events(Era::PostBasil, &purchase.ids, purchase.at);
        for name in names {
            shop.hears(events.iter().find(|event| event.name == *name).unwrap()).await;
        }
        shop.settles().await;
        assert_eq!(shop.credits(&purchase.buyer).await, PACK);
        assert_eq!(shop.bought(&purchase.buyer).await.len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn failure_2_the_same_event_delivered_twice_at_the_same_moment() {
    let shop = Arc::new(Shop::open().await);
    for (wanted, name, brings) in [
        (shop.pack, "checkout.session.completed.payment.paid", PACK),
        (shop.plan, "invoice.paid.subscription_create", PLAN),
    ] {
        let purchase = shop.begins(&format!("buyer-of-{brings}"), wanted).await;
        let event = purchase.event(Era::PostBasil, name);
        shop.waits_until(event.created_at.plus_seconds(60));
        let mut deliveries = tokio::task::JoinSet::new();
        for _ in 0..20 {
            let (shop, event) = (shop.clone(), event.clone());
            deliveries.spawn(async move {
                shop.receives(&event).await.unwrap();
                shop.billing.run_due(Job::Inbox).await.unwrap();
            });
        }
        deliveries.join_all().await;
        shop.settles().await;
        assert_eq!(shop.bought(&purchase.buyer).await.len(), 1);
        assert_eq!(shop.credits(&purchase.buyer).await, brings);
    }
}

#[tokio::test]
async fn failure_3_marked_as_processed_before_the_work_which_then_fails() {
    let shop = Shop::open().await;
    let purchase = shop.begins("ada", shop.pack).await;
    let event = purchase.event(Era::PostBasil, "checkout.session.completed.payment.paid");
    shop.waits_until(event.created_at);
    // It cannot even be kept: Stripe is not told that all is well, and sends it again.
    shop.store.fail_next_write(cut());
    assert_eq!(shop.receives(&event).await.unwrap_err().code(), "unavailable");
    assert_eq!(shop.state_of(&event).await, None);
    // It is kept, and the work fails: neither mark nor effect is there.
    shop.receives(&event).await.unwrap();
    shop.store.fail_next_write(cut());
    assert_eq!(shop.billing.run_due(Job::Inbox).await.unwrap().failed, 1);
    assert_eq!(shop.state_of(&event).await, Some(InboxState::Failed));
    assert_eq!((shop.credits("ada").await, shop.order(&purchase).await), (0, OrderStatus::Pending));
    // Sent again or not, it is done once.
    shop.receives(&event).await.unwrap();
    shop.settles().await;
    shop.receives(&event).await.unwrap();
    shop.settles().await;
    assert_eq!(shop.state_of(&event).await, Some(InboxState::Processed));
    assert_eq!((shop.credits("ada").await, shop.order(&purchase).await), (PACK, OrderStatus::Completed));
}

#[tokio::test]
async fn failure_3_a_refusal_by_our_own_rules_makes_stripe_deliver_for_ever() {
    let shop = Shop::open().await;
    let mut purchase = shop.begins("ada", shop.pack).await;
    // Somebody else's checkout: none of ours, and answered as well as any other.
    purchase.ids.session = "cs_test_somebody_elses".to_owned();
    purchase.ids.customer = "cus_somebody_else".to_owned();
    let event = purchase.event(Era::PostBasil, "checkout.session.completed.payment.paid");
    shop.waits_until(event.created_at);
    assert!(shop.receives(&event).await.is_ok());
    let report = shop.billing.run_due(Job::Inbox).await.unwrap();
    assert_eq!((report.orphans, report.failed), (1, 0));
    assert_eq!((shop.state_of(&event).await, shop.credits("ada").await), (Some(InboxState::Orphan), 0));
}

#[tokio::test]
async fn failure_12_a_signature_is_checked_over_something_else_or_not_at_all() {
    let shop = Shop::open().await;
    let purchase = shop.begins("ada", shop.pack).await;
    let event = purchase.event(Era::PostBasil, "checkout.session.completed.payment.paid");
    shop.waits_until(event.created_at);
    let (now, body) = (shop.billing.now(), event.body.as_slice());
    let (t, good) = (now.unix_seconds(), sign(SECRET, now, body));
    let code = good.split_once("v1=").unwrap().1.to_owned();
    let wrong = "0".repeat(64);
    let mut flipped = body.to_vec();
    flipped[body.len() / 2] ^= 1;
    let pretty: serde_json::Value = serde_json::from_slice(body).unwrap();
    let pretty = format!("{pretty:#}").into_bytes();
    let with_crlf = [body, b"\r\n"].concat();
    let not_utf8 = [body, b"\xff"].concat();
    for (header, body) in [
        (good.clone(), flipped.as_slice()),
        (good.clone(), &pretty),
        (good.clone(), &with_crlf),
        (good.clone(), &not_utf8),
        (String::new(), body),
        (format!("t={t}"), body),
        (format!("v1={code}"), body),
        (format!("t={t},v0={code}"), body),
        (format!("t={t},t={t},v1={code}"), body),
        (format!("t={t},v1={wrong}"), body),
        (format!("t={t}, v1={code}"), body),
        (format!("t={t},v1={}", code.to_ascii_uppercase()), body),
        (sign("", now, body), body),
        (sign("whsec_of_the_command_line", now, body), body),
        (sign(SECRET.trim_start_matches("whsec_"), now, body), body),
        (sign(SECRET, now.plus_seconds(-301), body), body),
        (sign(SECRET, now.plus_seconds(301), body), body),
    ] {
        let refused = shop.billing.receive_webhook(Channel::named("stripe"), &headers(&header), body).await;
        assert_eq!(refused.unwrap_err().code(), "invalid_signature", "{header}");
    }
    for given in [vec![], vec![(SIGNATURE_HEADER.to_owned(), vec![0xff, 0xfe])]] {
        let given = WebhookHeaders::new(given);
        let refused = shop.billing.receive_webhook(Channel::named("stripe"), &given, body).await.unwrap_err();
        assert_eq!(refused.code(), "invalid_signature");
    }
    assert_eq!(shop.state_of(&event).await, None, "nothing of all that is kept");
    // A second code that is right is enough while a secret is being changed.
    let rolled = headers(&format!("t={t},v1={wrong},v1={code}"));
    shop.billing.receive_webhook(Channel::named("stripe"), &rolled, body).await.unwrap();
    shop.settles().await;
    assert_eq!(shop.credits("ada").await, PACK);
    // Without a secret nobody is let in by default: it does not even start.
    for secret in ["", " "] {
        let config = StripeConfig::new("sk_test_1".into(), vec![secret.into()]);
        assert!(StripeProvider::try_new(config).is_err(), "{secret:?}");
    }
}
