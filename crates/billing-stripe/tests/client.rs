//! Calls, against the fake.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

#[expect(dead_code, reason = "not every test needs all of it")]
mod common;

use std::time::Duration;

use billing_core::catalog::Interval;
use billing_core::payments::{CheckoutRequest, CustomerRequest, Purchase};
use billing_core::ports::{Checkout, ProviderError};
use billing_core::values::{AccountId, Money, OrderId};
use billing_stripe::{StripeConfig, StripeProvider};
use billing_testkit::http_fakes::stripe::{Fault, StripeFake};
use common::{SECRET, now};
use uuid::Uuid;

fn config(api_base: String) -> StripeConfig {
    StripeConfig {
        api_base,
        retry_base: Duration::from_millis(1),
        timeout: Duration::from_secs(5),
        ..StripeConfig::new(StripeFake::SECRET_KEY.into(), vec![SECRET.into()])
    }
}

fn fake() -> (StripeFake, StripeProvider) {
    let fake = StripeFake::start(now());
    let provider = StripeProvider::try_new(config(fake.base_url())).unwrap();
    (fake, provider)
}

fn account() -> AccountId {
    AccountId::from_uuid(Uuid::from_u128(1))
}

fn order() -> OrderId {
    OrderId::from_uuid(Uuid::from_u128(2))
}

fn customer() -> CustomerRequest {
    CustomerRequest {
        account: account(),
        replaces: None,
        email: Some("bo@example.com".to_owned()),
        name: None,
    }
}

fn pack(customer: Option<&str>) -> CheckoutRequest {
    CheckoutRequest {
        order: order(),
        account: account(),
        customer: customer.map(str::to_owned),
        email: Some("bo@example.com".to_owned()),
        purchase: Purchase::Pack { name: "1,000 credits & more".to_owned(), product: None },
        price: Money::new(999, "usd".parse().unwrap()),
        discount: None,
        success_url: "https://app.example.com/back?a=b&session={CHECKOUT_SESSION_ID}#top".to_owned(),
        cancel_url: "https://app.example.com/".to_owned(),
        expires_at: now().plus_seconds(23 * 3600),
    }
}

fn plan(price: Option<&str>) -> CheckoutRequest {
    let purchase = Purchase::Plan {
        name: "Pro".to_owned(),
        interval: Interval::Monthly,
        price: price.map(str::to_owned),
        trial_days: 0,
    };
    CheckoutRequest { purchase, ..pack(None) }
}

fn keys(fake: &StripeFake) -> Vec<String> {
    fake.requests().into_iter().map(|request| request.idempotency_key.unwrap_or_default()).collect()
}

#[tokio::test]
async fn a_customer_is_made_with_the_accounts_id() {
    let (fake, provider) = fake();
    let id = provider.create_customer(&customer()).await.unwrap();
    let made = fake.customers();
    assert_eq!(made.len(), 1);
    assert_eq!((&made[0].id, made[0].email.as_deref()), (&id, Some("bo@example.com")));
    assert_eq!(made[0].metadata["account_id"], account().to_string());
    let key = keys(&fake).remove(0);
    assert!(key.starts_with(&format!("customer:{}:", account())), "{key}");
    assert_eq!(fake.requests()[0].version.as_deref(), Some("2026-09-30.endive"));
}

#[tokio::test]
async fn a_pack_is_priced_by_the_order() {
    let (fake, provider) = fake();
    let customer = provider.create_customer(&customer()).await.unwrap();
    let session = provider.create_checkout(&pack(Some(&customer))).await.unwrap();
    let opened = &fake.sessions()[0];
    assert_eq!((&session.id, &session.url), (&opened.id, &opened.url));
    assert!(session.url.contains('#'), "{}", session.url);
    assert_eq!(session.expires_at, now().plus_seconds(23 * 3600));
    assert_eq!((opened.amount_total, opened.currency.as_deref()), (Some(999), Some("usd")));
    assert_eq!(opened.customer.as_ref(), Some(&customer));

    let request = &fake.requests()[1];
    let order = order().to_string();
    let expires_at = now().plus_seconds(23 * 3600).unix_seconds().to_string();
    let mut sent: Vec<_> =
        request.params.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    sent.sort_unstable();
    assert_eq!(
        sent,
        [
            ("cancel_url", "https://app.example.com/"),
            ("client_reference_id", order.as_str()),
            ("customer", customer.as_str()),
            ("expires_at", expires_at.as_str()),
            ("line_items[0][price_data][currency]", "usd"),
            ("line_items[0][price_data][product_data][name]", "1,000 credits & more"),
            ("line_items[0][price_data][unit_amount]", "999"),
            ("line_items[0][quantity]", "1"),
            ("metadata[order_id]", order.as_str()),
            ("mode", "payment"),
            ("payment_intent_data[metadata][order_id]", order.as_str()),
            ("success_url", "https://app.example.com/back?a=b&session={CHECKOUT_SESSION_ID}#top"),
        ]
    );
    assert_eq!(request.idempotency_key.as_deref(), Some(&*format!("checkout:{order}:{customer}")));
}

#[tokio::test]
async fn a_gift_is_paid_once_at_the_price_that_was_agreed() {
    let (fake, provider) = fake();
    let purchase = Purchase::Gift { name: "Gift: Pro, 3 months".to_owned() };
    provider.create_checkout(&CheckoutRequest { purchase, ..pack(None) }).await.unwrap();
    let request = &fake.requests()[0];
    assert_eq!(request.param("mode"), Some("payment"));
    assert_eq!(request.param("line_items[0][price_data][unit_amount]"), Some("999"));
    assert_eq!(request.param("line_items[0][price_data][product_data][name]"), Some("Gift: Pro, 3 months"));
}

#[tokio::test]
async fn a_plan_is_priced_by_stripe() {
    let (fake, provider) = fake();
    provider.create_checkout(&plan(Some("price_pro"))).await.unwrap();
    let opened = &fake.sessions()[0];
    assert_eq!((opened.mode.as_str(), opened.price.as_deref()), ("subscription", Some("price_pro")));
    let request = &fake.requests()[0];
    assert_eq!(request.param("subscription_data[metadata][order_id]"), Some(&*order().to_string()));
    assert_eq!(request.param("customer_email"), Some("bo@example.com"));
    assert_eq!(request.param("line_items[0][price_data][unit_amount]"), None);
}

#[tokio::test]
async fn a_trial_is_asked_for_in_days_and_not_where_there_is_none() {
    let (fake, provider) = fake();
    for (days, said) in [(0, None), (14, Some("14"))] {
        let mut request = plan(Some("price_pro"));
        let Purchase::Plan { trial_days, .. } = &mut request.purchase else { panic!("a plan") };
        *trial_days = days;
        request.order = OrderId::from_uuid(Uuid::from_u128(u128::from(days)));
        provider.create_checkout(&request).await.unwrap();
        let asked = fake.requests().pop().unwrap();
        assert_eq!(asked.param("subscription_data[trial_period_days]"), said);
    }
}

#[tokio::test]
async fn what_cannot_be_sold_is_not_even_asked_for() {
    let (fake, provider) = fake();
    let error = provider.create_checkout(&plan(None)).await.unwrap_err();
    assert!(matches!(error, ProviderError::Unsupported(_)), "{error}");
    let price = Money::new(1050, "mga".parse().unwrap());
    let error = provider.create_checkout(&CheckoutRequest { price, ..pack(None) }).await.unwrap_err();
    assert!(matches!(error, ProviderError::Refused { .. }), "{error}");
    assert_eq!(fake.requests(), []);
}

#[tokio::test]
async fn the_same_order_opens_one_checkout() {
    let (fake, provider) = fake();
    let first = provider.create_checkout(&pack(None)).await.unwrap();
    let second = provider.create_checkout(&pack(None)).await.unwrap();
    assert_eq!(first, second);
    assert_eq!(fake.sessions().len(), 1);
}

#[tokio::test]
async fn a_key_with_other_parameters_leaves_open_what_the_first_ones_did() {
    let (fake, provider) = fake();
    provider.create_checkout(&pack(None)).await.unwrap();
    let price = Money::new(1, "usd".parse().unwrap());
    let error = provider.create_checkout(&CheckoutRequest { price, ..pack(None) }).await.unwrap_err();
    let ProviderError::Unknown { request_id, .. } = error else { panic!("{error}") };
    assert_eq!(request_id, fake.requests()[1].request_id);
    assert_eq!(fake.sessions().len(), 1);
}

#[tokio::test]
async fn a_broken_answer_is_asked_for_again_and_has_one_effect() {
    let (fake, provider) = fake();
    fake.inject(Fault::CutAfterEffect);
    let session = provider.create_checkout(&pack(None)).await.unwrap();
    assert_eq!(fake.sessions().len(), 1);
    assert_eq!(fake.sessions()[0].id, session.id);
    assert_eq!(fake.requests().len(), 2);
    assert_eq!(fake.requests()[0].params, fake.requests()[1].params);
    let key = format!("checkout:{}", order());
    assert_eq!(keys(&fake), [key.clone(), key]);
}

#[tokio::test]
async fn stripes_own_trouble_is_sat_out_twice() {
    let (fake, provider) = fake();
    fake.inject(Fault::server_error());
    fake.inject(Fault::server_error());
    provider.create_checkout(&pack(None)).await.unwrap();
    assert_eq!(fake.requests().len(), 3);

    let (fake, provider) = self::fake();
    for _ in 0..4 {
        fake.inject(Fault::server_error());
    }
    let error = provider.create_checkout(&pack(None)).await.unwrap_err();
    assert!(matches!(error, ProviderError::Unknown { .. }), "{error}");
    assert_eq!(error.request_id(), fake.requests()[2].request_id.as_deref());
    assert_eq!(fake.requests().len(), 3);
}

#[tokio::test]
async fn whether_to_try_again_is_the_headers_word_before_the_statuses() {
    for (status, should_retry, tries) in [
        (400, None, 1),
        (402, None, 1),
        (404, None, 1),
        (409, None, 2),
        (409, Some(false), 1),
        (424, None, 2),
        (429, None, 1),
        (429, Some(false), 1),
        (429, Some(true), 2),
        (500, None, 2),
        (500, Some(false), 1),
        (503, None, 2),
    ] {
        let (fake, provider) = fake();
        fake.inject(Fault::Refuse { status, code: Some("a_code"), should_retry });
        let outcome = provider.create_checkout(&pack(None)).await;
        assert_eq!(fake.requests().len(), tries, "{status} {should_retry:?}");
        assert_eq!(outcome.is_ok(), tries == 2, "{status} {should_retry:?}");
        let Err(error) = outcome else { continue };
        assert!(error.request_id().is_some_and(|id| id.starts_with("req_")), "{status}: {error}");
        match (status, &error) {
            (400..=404, ProviderError::Refused { code, .. }) => assert_eq!(code.as_deref(), Some("a_code")),
            (409 | 429 | 500, ProviderError::Unknown { .. }) => {}
            _ => panic!("{status}: {error:?}"),
        }
    }
}

#[tokio::test]
async fn a_key_that_is_not_accepted_or_may_not_is_an_operators_matter() {
    let fake = StripeFake::start(now());
    let wrong = StripeConfig { secret_key: "sk_test_wrong".into(), ..config(fake.base_url()) };
    let error = StripeProvider::try_new(wrong).unwrap().create_checkout(&pack(None)).await.unwrap_err();
    assert_eq!(error, ProviderError::Unauthorized { request_id: None });
    assert_eq!(fake.requests().len(), 1);

    let (fake, provider) = self::fake();
    fake.inject(Fault::Refuse { status: 403, code: None, should_retry: None });
    let error = provider.create_checkout(&pack(None)).await.unwrap_err();
    assert!(matches!(error, ProviderError::Unauthorized { request_id: Some(_) }), "{error:?}");
}

#[tokio::test]
async fn stripe_refuses_what_does_not_exist() {
    let (_fake, provider) = fake();
    let error = provider.create_checkout(&plan(Some("prod_pro"))).await.unwrap_err();
    let ProviderError::Refused { code, message, .. } = error else { panic!("{error}") };
    assert_eq!(code.as_deref(), Some("resource_missing"), "{message}");
    let error = provider.create_checkout(&pack(Some("cus_nobody"))).await.unwrap_err();
    assert!(matches!(error, ProviderError::UnknownCustomer { .. }), "{error}");
}

#[tokio::test]
async fn a_checkout_that_would_close_too_soon_or_too_late_is_refused() {
    for (seconds, good) in [(1799, false), (1800, true), (86_400, true), (86_401, false)] {
        let (_fake, provider) = fake();
        let request = CheckoutRequest { expires_at: now().plus_seconds(seconds), ..pack(None) };
        assert_eq!(provider.create_checkout(&request).await.is_ok(), good, "{seconds}");
    }
}

#[tokio::test]
async fn nobody_there_is_an_unknown_outcome() {
    let base = StripeFake::start(now()).base_url();
    let provider = StripeProvider::try_new(config(base)).unwrap();
    let error = provider.create_checkout(&pack(None)).await.unwrap_err();
    assert!(matches!(&error, ProviderError::Unknown { request_id: None, .. }), "{error}");
    assert!(!error.to_string().contains(StripeFake::SECRET_KEY), "{error}");
}

#[tokio::test]
async fn whoever_never_answers_is_given_up_after_one_timeout() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", silent.local_addr().unwrap());
    let timeout = Duration::from_millis(100);
    let provider = StripeProvider::try_new(StripeConfig { timeout, ..config(base) }).unwrap();
    let error = provider.create_checkout(&pack(None)).await.unwrap_err();
    assert!(matches!(error, ProviderError::Unknown { .. }), "{error}");
    silent.set_nonblocking(true).unwrap();
    let calls = std::iter::from_fn(|| silent.accept().ok()).count();
    assert_eq!(calls, 1);
}
