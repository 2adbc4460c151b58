//! Failures of subscriptions: their order, their shapes, their ends, their changes.

use std::sync::Arc;
use std::time::Duration;

use billing_core::catalog::Interval;
use billing_core::orders::OrderStatus;
use billing_core::payments::{Channel, SubscriptionChange};
use billing_core::ports::{AccountRef, BillingReads, PaymentQuery};
use billing_core::requests::{ChangeSubscription, PurchaseItem};
use billing_core::subscriptions::{SubscriptionRole, SubscriptionStatus};
use billing_core::values::Timestamp;
use billing_testkit::builders::a_checkout;
use billing_testkit::fixtures::stripe::{Era, Shape, Story, stripe_events};
use itertools::Itertools;
use serde_json::json;

use crate::shop::{DEARER_PLAN, DEARER_PRICE, PLAN, PRICE, Shop, another};

#[tokio::test]
async fn failure_4_news_out_of_order_revive_what_has_ended() {
    let shop = Shop::open().await;
    for shape in Shape::ALL {
        for (number, order) in (0..4).permutations(4).enumerate() {
            let purchase = shop.begins(&format!("{shape:?}-{number}"), shop.plan).await;
            let created =
                purchase.told_of(Story::SubscriptionFirst, shape, &["customer.subscription.created"]);
            let ending = purchase.told(Story::CanceledAtPeriodEnd, shape);
            let named = |name: &str| ending.iter().find(|event| event.name == name).unwrap().clone();
            let mut events = created;
            events.push(named("customer.subscription.updated.canceling"));
            events.push(named("customer.subscription.updated.uncanceled"));
            events.push(named("customer.subscription.deleted.at_period_end"));
            assert_eq!(events.len(), 4);
            shop.waits_until(events[3].created_at.plus_seconds(60));
            let mut ended = false;
            for place in order {
                shop.hears(&events[place]).await;
                ended |= place == 3;
                let now = shop.kept_subscription(&purchase).await;
                assert_eq!(now.status.is_final(), ended, "{shape:?} {}", events[place].name);
            }
            // Under another id and much later it is still old news.
            let id = format!("evt_again_{}", purchase.buyer);
            shop.hears(&another(&events[2], &id, 0, &[])).await;
            shop.settles().await;
            let now = shop.kept_subscription(&purchase).await;
            assert_eq!(now.status, SubscriptionStatus::Canceled);
            assert_eq!(shop.bought(&purchase.buyer).await, []);
        }
    }
}

#[tokio::test]
async fn failure_5_the_invoice_comes_before_the_subscription_is_known() {
    for shape in Shape::ALL {
        let shop = Shop::open().await;
        let purchase = shop.begins("ada", shop.plan).await;
        // First, and alone.
        for event in purchase.told_of(Story::SubscriptionFirst, shape, &["invoice.paid"]) {
            shop.hears(&event).await;
        }
        assert_eq!((shop.credits("ada").await, shop.bought("ada").await.len()), (PLAN, 1));
        assert_eq!(shop.order(&purchase).await, OrderStatus::Completed);
        // Whatever comes after it adds the subscription, and no credits.
        for event in purchase.told(Story::SubscriptionFirst, shape) {
            shop.hears(&event).await;
        }
        shop.settles().await;
        assert_eq!(shop.credits("ada").await, PLAN);
        assert_eq!(shop.subscription("ada").await.unwrap().status, SubscriptionStatus::Active);
    }
}

#[tokio::test]
async fn failure_6_fields_that_moved_with_basil_are_silently_missing() {
    let shop = Shop::open().await;
    for story in Story::all().filter(|story| *story != Story::SubscriptionRenewed) {
        let mut ends = Vec::new();
        for shape in Shape::ALL {
            let purchase = shop.begins(&format!("{story:?}-{shape:?}"), shop.sold_in(story)).await;
            for event in purchase.told(story, shape) {
                shop.hears(&event).await;
            }
            shop.settles().await;
            let subscription = shop.subscription(&purchase.buyer).await;
            let after = |moment: Timestamp| moment.seconds_since(purchase.at);
            let shown = subscription.map(|now| {
                let period = now.period.map(|period| (after(period.start), after(period.end)));
                assert!(period.is_some(), "{story:?} {shape:?}: no period");
                (now.status, now.plan, period, now.cancel_at.map(after), now.trial_end.map(after))
            });
            let grants = shop.bought(&purchase.buyer).await;
            let grants: Vec<_> = grants
                .iter()
                .map(|grant| (grant.amount, grant.clawed, grant.expires_at.map(after)))
                .collect();
            ends.push((shop.credits(&purchase.buyer).await, shop.order(&purchase).await, shown, grants));
        }
        assert_eq!(ends[0], ends[1], "{story:?}");
    }
}

/// Also an endpoint that still has the version of 2020 tells enough.
#[tokio::test]
async fn failure_6_the_shapes_of_2020_grant_nothing() {
    let shop = Shop::open().await;
    for era in Era::ALL {
        for (number, name) in
            ["invoice.paid.subscription_create", "invoice.paid.lines_by_plan"].iter().enumerate()
        {
            let purchase = shop.begins(&format!("{era:?}-{number}"), shop.plan).await;
            let events = stripe_events(era, &purchase.ids, purchase.at);
            let told: Vec<_> = events.iter().filter(|event| event.name == *name).collect();
            for event in &told {
                shop.hears(event).await;
                assert_eq!(shop.bought(&purchase.buyer).await.len(), 1, "{era:?} {name}");
            }
            assert!(number == 1 || !told.is_empty(), "{era:?}");
        }
    }
}

#[tokio::test]
async fn failure_7_a_cancellation_in_the_portal_is_not_noticed() {
    let shop = Shop::open().await;
    let purchase = shop.begins("ada", shop.plan).await;
    for event in purchase.told(Story::SubscriptionFirst, Shape::PostBasil) {
        shop.hears(&event).await;
    }
    let portal = purchase.event(Era::PostBasil, "customer.subscription.updated.canceling_in_portal");
    let body: serde_json::Value = serde_json::from_slice(&portal.body).unwrap();
    let object = &body["data"]["object"];
    assert_eq!((&object["cancel_at_period_end"], object["cancel_at"].is_i64()), (&json!(false), true));
    shop.hears(&portal).await;
    let ending = shop.subscription("ada").await.unwrap();
    assert_eq!((ending.status, ending.cancel_at_period_end), (SubscriptionStatus::Active, true));
    assert_eq!(ending.cancel_at.map(Timestamp::unix_seconds), object["cancel_at"].as_i64());
    // Taken back there, it goes on.
    shop.hears(&another(&portal, "evt_kept", 60, &[("/cancel_at", json!(null))])).await;
    let kept = shop.subscription("ada").await.unwrap();
    assert_eq!((kept.cancel_at_period_end, kept.cancel_at), (false, None));
    // Set again, it ends.
    shop.hears(&another(&portal, "evt_again", 120, &[])).await;
    assert!(shop.subscription("ada").await.unwrap().cancel_at_period_end);
    for event in
        purchase.told_of(Story::CanceledInPortal, Shape::PostBasil, &["customer.subscription.deleted"])
    {
        shop.hears(&event).await;
    }
    assert_eq!(shop.subscription("ada").await.unwrap().status, SubscriptionStatus::Canceled);
}

#[tokio::test]
async fn failure_8_a_proration_is_taken_for_a_renewal() {
    for era in [Era::PreBasil, Era::PostBasil] {
        let shop = Shop::open().await;
        let purchase = shop.begins("ada", shop.plan).await;
        for event in purchase.told(Story::SubscriptionFirst, Shape::PostBasil) {
            shop.hears(&event).await;
        }
        let changed = purchase.event(era, "customer.subscription.updated.upgraded");
        let evened_out = purchase.event(era, "invoice.paid.proration");
        // Up and down, five times: nothing is minted.
        for time in 0..10 {
            let price = if time % 2 == 0 { DEARER_PRICE } else { PRICE };
            let to = [("/items/data/0/price/id", json!(price)), ("/items/data/0/plan/id", json!(price))];
            shop.hears(&another(&changed, &format!("evt_change_{time}"), time * 10, &to)).await;
            let invoice = [("/id", json!(format!("in_change_{time}")))];
            shop.hears(&another(&evened_out, &format!("evt_paid_{time}"), time * 10 + 1, &invoice)).await;
            assert_eq!(
                (shop.credits("ada").await, shop.bought("ada").await.len()),
                (PLAN, 1),
                "{era:?} {time}"
            );
        }
        // What was changed to is not lost either: the next period brings it.
        shop.hears(&another(&changed, "evt_change_last", 200, &[])).await;
        let end = shop.subscription("ada").await.unwrap().period.unwrap().end;
        let renewal = purchase.event(era, "invoice.paid.subscription_cycle");
        let line = if era == Era::PostBasil {
            "/lines/data/0/pricing/price_details/price"
        } else {
            "/lines/data/0/price/id"
        };
        let start = end.unix_seconds();
        let fields = [
            ("/id", json!("in_next")),
            (line, json!(DEARER_PRICE)),
            ("/lines/data/0/period", json!({ "start": start, "end": start + 30 * 86_400 })),
        ];
        let after = end.seconds_since(renewal.created_at) + 3600;
        shop.hears(&another(&renewal, "evt_next", after, &fields)).await;
        shop.settles().await;
        let bought: Vec<_> = shop.bought("ada").await.iter().map(|grant| grant.amount.get()).collect();
        assert_eq!(bought, [PLAN, DEARER_PLAN], "{era:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn failure_11_two_tabs_make_two_customers_or_two_subscriptions() {
    let shop = Arc::new(Shop::open().await);
    // Both tabs ask at the same moment, for the same or for different things.
    let mut tabs = tokio::task::JoinSet::new();
    for tab in 0..8 {
        let shop = shop.clone();
        let wanted = if tab % 2 == 0 { shop.plan } else { shop.pack };
        tabs.spawn(async move {
            let ask = a_checkout("ada", Channel::named("stripe"), wanted, None);
            shop.billing.start_checkout(&ask).await.unwrap().session.id
        });
    }
    tabs.join_all().await;
    assert_eq!(shop.fake.customers().len(), 1);
    assert!(shop.fake.sessions().iter().all(|session| session.customer.is_some()));
    // A tab that is opened later gets the checkout that is open already, so that it cannot be paid twice.
    let purchase = shop.begins("bob", shop.plan).await;
    let again = shop.begins("bob", shop.plan).await;
    assert_eq!(purchase.started.session, again.started.session);
    for event in purchase.told(Story::SubscriptionFirst, Shape::PostBasil) {
        shop.hears(&event).await;
    }
    // Once the account is subscribed, nobody is sent to pay for a second one.
    let PurchaseItem::Plan(dearer, _) = shop.dearer else { panic!("a plan") };
    for wanted in [shop.plan, PurchaseItem::Plan(dearer, Interval::Monthly)] {
        let ask = a_checkout("bob", Channel::named("stripe"), wanted, Some("tab"));
        let refused = shop.billing.start_checkout(&ask).await.unwrap_err();
        assert_eq!(refused.code(), "already_subscribed");
    }
}

/// Two plans' checkouts, both opened before either is paid: one of them counts, and the other is known for what it is.
#[tokio::test]
async fn failure_11_a_second_subscription_is_paid_for_and_nobody_sees_it() {
    let shop = Shop::open().await;
    let first = shop.begins("ada", shop.plan).await;
    let mut second = shop.begins("ada", shop.dearer).await;
    second.ids.subscription = "sub_second".to_owned();
    second.ids.price = DEARER_PRICE.to_owned();
    for purchase in [&first, &second] {
        for event in purchase.told(Story::SubscriptionFirst, Shape::PostBasil) {
            shop.hears(&event).await;
            if event.kind == "customer.subscription.created" {
                let body: serde_json::Value = serde_json::from_slice(&event.body).unwrap();
                shop.fake.put_subscription(body["data"]["object"].clone());
            }
        }
    }
    shop.settles().await;
    assert_eq!(shop.credits("ada").await, PLAN, "one allowance, not two");
    assert_eq!(shop.kept_subscription(&first).await.role, SubscriptionRole::Active);
    assert_eq!(shop.kept_subscription(&second).await.role, SubscriptionRole::Duplicate);
    // Its money is on record, so that it can go back.
    let owner = shop.store.account(AccountRef::External(&first.who())).await.unwrap().unwrap().id;
    let paid = shop
        .store
        .payments(PaymentQuery::Subscription {
            channel: Channel::named("stripe"),
            id: "sub_second",
            since: None,
        })
        .await
        .unwrap();
    assert_eq!(paid.iter().map(|payment| payment.account).collect::<Vec<_>>(), [owner]);
    // What is shown, and ended by whoever asks for it, is the one that counts.
    shop.fake.set_now(shop.billing.now());
    assert_eq!(shop.subscription("ada").await.unwrap().provider_id, "sub_ada");
    let ended = shop
        .billing
        .change_subscription(&ChangeSubscription::new(first.who(), SubscriptionChange::CancelNow))
        .await
        .unwrap();
    assert_eq!(ended.shown.subscription.provider_id, "sub_ada");
}

#[tokio::test]
async fn failure_11_one_key_asks_for_two_things() {
    let shop = Shop::open().await;
    let ask = |wanted| a_checkout("ada", Channel::named("stripe"), wanted, Some("tab"));
    shop.billing.start_checkout(&ask(shop.pack)).await.unwrap();
    let refused = shop.billing.start_checkout(&ask(shop.plan)).await.unwrap_err();
    assert_eq!(refused.code(), "idempotency_key_reused");
    assert_eq!(shop.fake.sessions().len(), 1);
}

#[tokio::test]
async fn failure_11_what_took_too_long_is_made_twice() {
    let shop = Shop::waiting_for(Duration::from_secs(2)).await;
    let ask = a_checkout("ada", Channel::named("stripe"), shop.pack, Some("tab"));
    shop.fake.hold();
    assert_eq!(shop.billing.start_checkout(&ask).await.unwrap_err().code(), "provider_unavailable");
    shop.fake.release();
    // It was made all the same, and nobody heard of it: asked again, it is the one that is there.
    assert_eq!((shop.fake.customers().len(), shop.fake.sessions().len()), (1, 0));
    let opened = shop.billing.start_checkout(&ask).await.unwrap();
    assert_eq!((shop.fake.customers().len(), shop.fake.sessions().len()), (1, 1));
    // The same for a checkout of somebody who is known.
    let ask = a_checkout("ada", Channel::named("stripe"), shop.plan, Some("other-tab"));
    shop.fake.hold();
    assert_eq!(shop.billing.start_checkout(&ask).await.unwrap_err().code(), "provider_unavailable");
    shop.fake.release();
    assert_eq!(shop.fake.sessions().len(), 2);
    let again = shop.billing.start_checkout(&ask).await.unwrap();
    assert_eq!((shop.fake.sessions().len(), &again.session.id), (2, &shop.fake.sessions()[1].id));
    assert_ne!(opened.session.id, again.session.id);
}
