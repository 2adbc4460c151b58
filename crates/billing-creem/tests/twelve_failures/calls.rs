//! Failures of our own calls: what Creem answers that nobody documented, and what must not be asked twice.

use std::time::Duration;

use billing_core::orders::OrderStatus;
use billing_core::payments::{Channel, SubscriptionChange};
use billing_core::requests::{ChangeSubscription, PurchaseItem};
use billing_testkit::builders::{a_checkout, a_pack_draft, an_external_id, creem_product};
use billing_testkit::fixtures::creem::CreemStory;
use billing_testkit::http_fakes::creem::{CreemFake, CreemFault};

use crate::shop::Shop;

#[tokio::test]
async fn failure_12_an_error_of_an_unknown_shape_is_not_understood() {
    for (status, body, code) in [
        (
            404,
            r#"{"trace_id":"t","status":404,"error":"Bad Request","message":["Product not found"]}"#,
            "provider_refused",
        ),
        (404, r#"{"trace_id":"t","status":404,"message":"Product not found"}"#, "provider_refused"),
        (400, r#"{"trace_id":"t","status":400,"error":"Bad Request"}"#, "provider_refused"),
        (403, r#"{"status":403,"error":"Bad Request"}"#, "provider_unavailable"),
        (401, "", "provider_unavailable"),
        (
            422,
            r#"{"error":{"type":"invalid_request_error","code":null,"message":"No.","request_id":"r"}}"#,
            "provider_refused",
        ),
        (502, "<html>Bad gateway</html>", "provider_unavailable"),
        (200, "<html>We will be back soon</html>", "provider_unavailable"),
        (200, "{}", "provider_unavailable"),
        (200, r#"{"id":"ch_1","status":"pending"}"#, "provider_unavailable"),
    ] {
        let shop = Shop::open().await;
        shop.fake.inject(CreemFault::Answer(status, body));
        let ask = a_checkout("ada", Channel::named("creem"), shop.pack, Some("k"));
        let failed = shop.billing.start_checkout(&ask).await.unwrap_err();
        assert_eq!(failed.code(), code, "{status} {body}");
        assert_eq!(shop.fake.requests(), 1, "{status} {body}: asked once");
        let orders =
            shop.billing.orders(&an_external_id("ada"), &billing_testkit::builders::page(10, 0)).await;
        let status = if code == "provider_refused" { OrderStatus::Failed } else { OrderStatus::Pending };
        let statuses: Vec<_> = orders.unwrap().items.iter().map(|order| order.status).collect();
        assert_eq!(statuses, [status], "{body}");
    }
}

#[tokio::test]
async fn failure_12_a_product_that_does_not_exist_leaves_an_order_open() {
    let shop = Shop::open().await;
    let mut draft = a_pack_draft("gone");
    draft.prices = creem_product(CreemFake::NO_PRODUCT);
    let gone = PurchaseItem::Pack(shop.billing.publish_pack(None, &draft).await.unwrap().id);
    let ask = a_checkout("ada", Channel::named("creem"), gone, Some("k"));
    assert_eq!(shop.billing.start_checkout(&ask).await.unwrap_err().code(), "provider_refused");
    let orders =
        shop.billing.orders(&an_external_id("ada"), &billing_testkit::builders::page(10, 0)).await.unwrap();
    assert_eq!(orders.items[0].status, OrderStatus::Failed);
}

#[tokio::test]
async fn failure_12_what_may_have_been_done_is_asked_for_again_blindly() {
    let shop = Shop::open().await;
    // Too many requests: nothing was done, so it is asked again.
    shop.fake.inject(CreemFault::Refuse(429));
    shop.begins("first", shop.pack).await;
    assert_eq!((shop.fake.requests(), shop.fake.checkouts().len()), (2, 1));
    for fault in [CreemFault::CutAfterEffect, CreemFault::Refuse(500), CreemFault::Refuse(503)] {
        let before = shop.fake.requests();
        shop.fake.inject(fault.clone());
        let ask = a_checkout(&format!("{fault:?}"), Channel::named("creem"), shop.pack, Some("k"));
        assert_eq!(shop.billing.start_checkout(&ask).await.unwrap_err().code(), "provider_unavailable");
        assert_eq!(shop.fake.requests(), before + 1, "{fault:?}: nobody knows whether it was done");
    }
}

#[tokio::test]
async fn failure_12_what_took_too_long_is_asked_for_again_blindly() {
    let shop = Shop::waiting_for(Duration::from_secs(2)).await;
    let ask = a_checkout("ada", Channel::named("creem"), shop.pack, Some("k"));
    shop.fake.hold();
    assert_eq!(shop.billing.start_checkout(&ask).await.unwrap_err().code(), "provider_unavailable");
    assert_eq!((shop.fake.requests(), shop.fake.checkouts().len()), (1, 1));
    shop.fake.release();
    // Whoever asks again gets a page; the one that nobody was shown is no order's.
    let opened = shop.billing.start_checkout(&ask).await.unwrap();
    assert_eq!(opened.session.id, shop.fake.checkouts()[1].id);
    let orders = shop.billing.orders(&an_external_id("ada"), &billing_testkit::builders::page(10, 0)).await;
    assert_eq!(orders.unwrap().items.len(), 1);
}

#[tokio::test]
async fn failure_12_a_cancellation_leaves_its_mode_to_a_setting_of_the_store() {
    let shop = Shop::open().await;
    let purchase = shop.begins("ada", shop.plan).await;
    for event in purchase.told(CreemStory::FirstPeriod) {
        shop.hears(&event).await;
    }
    let paid: serde_json::Value =
        serde_json::from_slice(&purchase.event("subscription.paid.initial").body).unwrap();
    shop.fake.put_subscription(paid["object"].clone());
    // The fake refuses an end whose mode is not said.
    for change in
        [SubscriptionChange::CancelAtPeriodEnd, SubscriptionChange::Resume, SubscriptionChange::CancelNow]
    {
        shop.billing
            .change_subscription(&ChangeSubscription::new(an_external_id("ada"), change))
            .await
            .unwrap();
    }
    assert!(shop.subscription("ada").await.unwrap().status.is_final());
}
