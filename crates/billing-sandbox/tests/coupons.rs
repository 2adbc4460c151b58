//! What a coupon leaves to pay.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

use std::sync::Arc;

use billing_core::catalog::Interval;
use billing_core::coupons::{CouponCode, Reduction};
use billing_core::payments::{
    Channel, CheckoutDiscount, CheckoutRequest, DiscountLength, Fact, PaidPeriod, Purchase,
};
use billing_core::ports::{Checkout, Clock, Webhooks};
use billing_core::values::{AccountId, CouponId, InboxEventId, Money, OrderId, Timestamp};
use billing_core::webhooks::{InboxEvent, InboxState};
use billing_sandbox::{Sandbox, SandboxConfig, SandboxEvent};
use uuid::Uuid;

struct Noon;

impl Clock for Noon {
    fn now(&self) -> Timestamp {
        "2026-04-15T12:00:00Z".parse().unwrap()
    }
}

fn request(price: i64, list_price: Option<i64>) -> CheckoutRequest {
    let money = |minor| Money::new(minor, "usd".parse().unwrap());
    CheckoutRequest {
        order: OrderId::from_uuid(Uuid::from_u128(1)),
        account: AccountId::from_uuid(Uuid::from_u128(2)),
        customer: None,
        email: None,
        purchase: Purchase::Plan {
            name: "Pro".to_owned(),
            interval: Interval::Monthly,
            price: Some("p:monthly".to_owned()),
            trial_days: 0,
        },
        price: money(price),
        discount: list_price.map(|list| CheckoutDiscount {
            coupon: CouponId::from_uuid(Uuid::from_u128(3)),
            code: CouponCode::parse("summer").unwrap(),
            off: Reduction::Percent(100),
            length: DiscountLength::Once,
            list_price: money(list),
        }),
        success_url: "https://shop.test/".to_owned(),
        cancel_url: "https://shop.test/".to_owned(),
        expires_at: Noon.now().plus_seconds(3600),
    }
}

/// What the first period of such a plan is told as.
async fn first_period(request: &CheckoutRequest) -> PaidPeriod {
    let config = SandboxConfig {
        secret: "a secret of the tests that is long enough".into(),
        public_url: "http://shop.test".to_owned(),
        webhook_url: "http://127.0.0.1:1/payment/webhook/sandbox".to_owned(),
    };
    let sandbox = Sandbox::try_new(config, Arc::new(Noon)).unwrap();
    let url = sandbox.create_checkout(request).await.unwrap().url;
    let session = sandbox.session(url.rsplit('/').next().unwrap()).unwrap();
    let paid = SandboxEvent::paid(&session, Noon.now());
    let event = paid.iter().find(|event| event.kind == "subscription.paid").unwrap();
    let fact = sandbox.read(&InboxEvent {
        id: InboxEventId::from_uuid(Uuid::from_u128(1)),
        channel: Channel::named("sandbox"),
        event_id: event.id.clone(),
        kind: event.kind.clone(),
        created_at: event.created_at,
        body: event.body(),
        received_at: Noon.now(),
        state: InboxState::Pending,
        attempts: 0,
        note: None,
        next_attempt_at: None,
    });
    match fact.unwrap() {
        Fact::PeriodPaid(period) => period,
        other => panic!("{other:?}"),
    }
}

#[actix_web::test]
async fn what_is_left_is_charged() {
    let period = first_period(&request(749, Some(999))).await;
    assert_eq!(period.paid.map(|paid| paid.minor), Some(749));
}

#[actix_web::test]
async fn a_period_that_a_coupon_pays_is_not_a_free_one() {
    assert!(!first_period(&request(0, Some(999))).await.lines[0].free);
    assert!(first_period(&request(0, None)).await.lines[0].free);
}
