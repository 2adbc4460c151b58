//! Coupons, against the fake.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

#[expect(dead_code, reason = "not every test needs all of it")]
mod common;

use std::time::Duration;

use billing_core::catalog::Interval;
use billing_core::coupons::{CouponCode, Reduction};
use billing_core::payments::{CheckoutDiscount, CheckoutRequest, DiscountLength, Purchase};
use billing_core::ports::Checkout;
use billing_core::values::{AccountId, CouponId, Money, OrderId};
use billing_stripe::{StripeConfig, StripeProvider};
use billing_testkit::http_fakes::stripe::StripeFake;
use common::{SECRET, now};
use uuid::Uuid;

fn fake() -> (StripeFake, StripeProvider) {
    let fake = StripeFake::start(now());
    let config = StripeConfig {
        api_base: fake.base_url(),
        retry_base: Duration::from_millis(1),
        timeout: Duration::from_secs(5),
        ..StripeConfig::new(StripeFake::SECRET_KEY.into(), vec![SECRET.into()])
    };
    let provider = StripeProvider::try_new(config).unwrap();
    (fake, provider)
}

fn money(minor: i64, currency: &str) -> Money {
    Money::new(minor, currency.parse().unwrap())
}

fn off(off: Reduction, length: DiscountLength, list_price: Money) -> CheckoutDiscount {
    let coupon = CouponId::from_uuid(Uuid::from_u128(3));
    CheckoutDiscount { coupon, code: CouponCode::parse("summer").unwrap(), off, length, list_price }
}

fn request(number: u128, purchase: Purchase, price: Money, discount: CheckoutDiscount) -> CheckoutRequest {
    CheckoutRequest {
        order: OrderId::from_uuid(Uuid::from_u128(number)),
        account: AccountId::from_uuid(Uuid::from_u128(1)),
        customer: None,
        email: Some("bo@example.com".to_owned()),
        purchase,
        price,
        discount: Some(discount),
        success_url: "https://app.example.com/back".to_owned(),
        cancel_url: "https://app.example.com/".to_owned(),
        expires_at: now().plus_seconds(23 * 3600),
    }
}

fn pack(number: u128) -> CheckoutRequest {
    let discount = off(Reduction::Amount(money(250, "usd")), DiscountLength::Once, money(999, "usd"));
    let purchase = Purchase::Pack { name: "1,000 credits".to_owned(), product: None };
    request(number, purchase, money(749, "usd"), discount)
}

fn plan(number: u128, discount: CheckoutDiscount) -> CheckoutRequest {
    let (name, price) = ("Pro".to_owned(), Some("price_pro".to_owned()));
    let purchase = Purchase::Plan { name, interval: Interval::Monthly, price, trial_days: 0 };
    request(number, purchase, money(1000, "usd"), discount)
}

#[tokio::test]
async fn a_pack_is_left_at_what_was_agreed() {
    let (fake, provider) = fake();
    provider.create_checkout(&pack(2)).await.unwrap();
    let (coupon, opened) = (fake.coupons().remove(0), fake.sessions().remove(0));
    assert_eq!(opened.amount_total, Some(749));
    assert_eq!(opened.coupon.as_ref(), Some(&coupon.id));
    assert!(coupon.id.starts_with(&format!("{}_", CouponId::from_uuid(Uuid::from_u128(3)))), "{}", coupon.id);
    let requests = fake.requests();
    let mut sent: Vec<_> =
        requests[0].params.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    sent.sort_unstable();
    assert_eq!(
        sent,
        [
            ("amount_off", "250"),
            ("currency", "usd"),
            ("duration", "once"),
            ("id", coupon.id.as_str()),
            ("metadata[coupon_id]", "cou_00000000000000000000000000000003"),
            ("name", "SUMMER"),
        ]
    );
    assert_eq!(requests[0].idempotency_key.as_deref(), Some(&*format!("coupon:{}", coupon.id)));
    assert_eq!(requests[1].param("line_items[0][price_data][unit_amount]"), Some("999"));
    assert_eq!(requests[1].param("discounts[0][coupon]"), Some(coupon.id.as_str()));
}

#[tokio::test]
async fn a_coupon_is_made_once_also_after_stripe_forgot_who_made_it() {
    let (fake, provider) = fake();
    for number in 2..5 {
        if number == 4 {
            fake.forget_keys();
        }
        provider.create_checkout(&pack(number)).await.unwrap();
    }
    assert_eq!((fake.coupons().len(), fake.sessions().len()), (1, 3));
    let made: Vec<_> =
        fake.requests().iter().filter(|one| one.path == "/v1/coupons").map(|one| one.status).collect();
    assert_eq!(made, [200, 200, 400]);
    assert!(fake.sessions().iter().all(|session| session.coupon == fake.sessions()[0].coupon));
}

#[tokio::test]
async fn a_plans_discount_goes_on_as_long_as_it_should() {
    let (fake, provider) = fake();
    let list = money(1000, "usd");
    let yen = Reduction::Amount(money(5, "isk"));
    for (number, (off_each, length)) in [
        (Reduction::Percent(25), DiscountLength::Once),
        (Reduction::Percent(25), DiscountLength::Months(24)),
        (Reduction::Percent(100), DiscountLength::Forever),
        (yen, DiscountLength::Forever),
    ]
    .into_iter()
    .enumerate()
    {
        let request = plan(u128::try_from(number).unwrap(), off(off_each, length, list));
        provider.create_checkout(&request).await.unwrap();
    }
    let made = fake.coupons();
    let told: Vec<_> = made
        .iter()
        .map(|coupon| {
            (
                coupon.percent_off,
                coupon.amount_off.clone(),
                coupon.duration.as_str(),
                coupon.duration_in_months,
            )
        })
        .collect();
    // Stripe counts the króna with two decimals.
    assert_eq!(
        told,
        [
            (Some(25), None, "once", None),
            (Some(25), None, "repeating", Some(24)),
            (Some(100), None, "forever", None),
            (None, Some((500, "isk".to_owned())), "forever", None),
        ]
    );
    let mut ids: Vec<_> = made.iter().map(|coupon| coupon.id.clone()).collect();
    ids.dedup();
    assert_eq!(ids.len(), 4);
}
