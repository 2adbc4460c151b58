//! Discounts, against the fake.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::time::Duration;

use billing_core::catalog::Interval;
use billing_core::coupons::{CouponCode, Reduction};
use billing_core::payments::{CheckoutDiscount, CheckoutRequest, DiscountLength, Purchase};
use billing_core::ports::{Checkout, ProviderError};
use billing_core::values::{AccountId, CouponId, Money, OrderId};
use billing_creem::{CreemConfig, CreemProvider};
use billing_testkit::builders::noon;
use billing_testkit::http_fakes::creem::{CreemFake, CreemFault};
use serde_json::{Value, json};
use uuid::Uuid;

fn fake() -> (CreemFake, CreemProvider) {
    let fake = CreemFake::start();
    let config = CreemConfig {
        api_base: fake.base_url(),
        retry_base: Duration::from_millis(1),
        ..CreemConfig::new(CreemFake::API_KEY.into(), vec!["whsec_x".into()])
    };
    let provider = CreemProvider::try_new(config).unwrap();
    (fake, provider)
}

fn usd(minor: i64) -> Money {
    Money::new(minor, "usd".parse().unwrap())
}

fn request(product: &str, off: Reduction, length: DiscountLength) -> CheckoutRequest {
    let coupon = CouponId::from_uuid(Uuid::from_u128(3));
    let code = CouponCode::parse("summer").unwrap();
    CheckoutRequest {
        order: OrderId::from_uuid(Uuid::from_u128(2)),
        account: AccountId::from_uuid(Uuid::from_u128(1)),
        customer: None,
        email: None,
        purchase: Purchase::Plan {
            name: "Pro".to_owned(),
            interval: Interval::Monthly,
            price: Some(product.to_owned()),
            trial_days: 0,
        },
        price: usd(750),
        discount: Some(CheckoutDiscount { coupon, code, off, length, list_price: usd(1000) }),
        success_url: "https://app.example.com/back".to_owned(),
        cancel_url: "https://app.example.com/".to_owned(),
        expires_at: noon().plus_seconds(3600),
    }
}

fn without_code(asked: &Value) -> Value {
    let mut asked = asked.clone();
    asked.as_object_mut().unwrap().remove("code");
    asked
}

#[tokio::test]
async fn a_discount_is_made_once_per_product_and_named_at_the_checkout() {
    let (fake, provider) = fake();
    let quarter = |product| request(product, Reduction::Percent(25), DiscountLength::Months(3));
    for product in ["prod_a", "prod_a", "prod_b"] {
        provider.create_checkout(&quarter(product)).await.unwrap();
    }
    let (made, opened) = (fake.discounts(), fake.checkouts());
    assert_eq!((made.len(), opened.len()), (2, 3));
    assert_eq!(opened[0].asked["discount_code"], json!(made[0].code));
    assert_eq!(opened[1].asked["discount_code"], json!(made[0].code));
    assert_eq!(opened[2].asked["discount_code"], json!(made[1].code));
    assert!(made[0].code.len() == 20 && made[0].code.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    assert_eq!(
        without_code(&made[0].asked),
        json!({
            "name": "SUMMER", "type": "percentage", "percentage": 25, "duration": "repeating", "duration_in_months": 3,
            "applies_to_products": ["prod_a"],
        })
    );
}

#[tokio::test]
async fn an_amount_is_told_with_its_currency() {
    let (fake, provider) = fake();
    for length in [DiscountLength::Once, DiscountLength::Forever] {
        provider.create_checkout(&request("prod_a", Reduction::Amount(usd(250)), length)).await.unwrap();
    }
    let told: Vec<_> = fake.discounts().iter().map(|made| without_code(&made.asked)).collect();
    let fixed = |duration: &str| {
        json!({
            "name": "SUMMER", "type": "fixed", "amount": 250, "currency": "USD", "duration": duration,
            "applies_to_products": ["prod_a"],
        })
    };
    assert_eq!(told, [fixed("once"), fixed("forever")]);
}

#[tokio::test]
async fn a_store_that_may_not_make_discounts_opens_no_checkout() {
    let (fake, provider) = fake();
    fake.inject(CreemFault::Refuse(403));
    let asked = request("prod_a", Reduction::Percent(25), DiscountLength::Once);
    let refused = provider.create_checkout(&asked).await.unwrap_err();
    assert!(matches!(refused, ProviderError::Unauthorized { .. }), "{refused:?}");
    assert_eq!(fake.checkouts().len(), 0);
    let plain = CheckoutRequest { discount: None, ..asked };
    provider.create_checkout(&plain).await.unwrap();
    assert_eq!(fake.checkouts()[0].asked.get("discount_code"), None);
}
