//! The hosted checkout page.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::sync::Arc;

use actix_web::App;
use actix_web::http::StatusCode;
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use billing_core::catalog::Interval;
use billing_core::payments::{CheckoutRequest, Purchase};
use billing_core::ports::{Checkout, Clock};
use billing_core::values::{AccountId, Money, OrderId, Timestamp};
use billing_sandbox::{Sandbox, SandboxConfig, pages};

struct Noon;

impl Clock for Noon {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix_seconds(1_800_000_000)
    }
}

fn sandbox() -> Arc<Sandbox> {
    let config = SandboxConfig {
        secret: "a secret of the tests that is long enough".into(),
        public_url: "http://shop.test/".to_owned(),
        // Nobody listens there: what is told never arrives.
        webhook_url: "http://127.0.0.1:1/payment/webhook/sandbox".to_owned(),
    };
    Arc::new(Sandbox::try_new(config, Arc::new(Noon)).unwrap())
}

fn request(name: &str) -> CheckoutRequest {
    CheckoutRequest {
        order: OrderId::from_uuid(uuid::Uuid::from_u128(1)),
        account: AccountId::from_uuid(uuid::Uuid::from_u128(2)),
        customer: None,
        email: None,
        purchase: Purchase::Plan {
            name: name.to_owned(),
            interval: Interval::Monthly,
            price: Some("p:monthly".to_owned()),
            trial_days: 0,
        },
        price: Money::new(999, "JPY".parse().unwrap()),
        discount: None,
        success_url: "https://shop.test/thanks?x=\"><script>alert(1)</script>".to_owned(),
        cancel_url: "https://shop.test/?x=\"><script>alert(2)</script>".to_owned(),
        expires_at: Noon.now().plus_seconds(3600),
    }
}

/// The path of a checkout's page.
async fn path(sandbox: &Sandbox, request: &CheckoutRequest) -> String {
    let session = sandbox.create_checkout(request).await.unwrap();
    session.url.strip_prefix("http://shop.test").unwrap().to_owned()
}

#[actix_web::test]
async fn the_page_says_what_is_paid_and_lets_nobody_write_into_it() {
    let sandbox = sandbox();
    let path = path(&sandbox, &request("<b>Pro</b> & more")).await;
    let app = init_service(App::new().configure(pages(sandbox))).await;
    let answer = call_service(&app, TestRequest::get().uri(&path).to_request()).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let policy = answer.headers().get("content-security-policy").unwrap().to_str().unwrap().to_owned();
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    let html = String::from_utf8(read_body(answer).await.to_vec()).unwrap();
    assert!(html.contains("999 JPY a month"), "{html}");
    assert!(!html.contains("<script") && !html.contains("<b>"), "{html}");
    let style = call_service(&app, TestRequest::get().uri("/sandbox/style.css").to_request()).await;
    assert_eq!(style.status(), StatusCode::OK);
}

#[actix_web::test]
async fn a_checkout_that_has_ended_or_was_tampered_with_cannot_be_paid() {
    let sandbox = sandbox();
    let ended = path(&sandbox, &CheckoutRequest { expires_at: Noon.now(), ..request("Pro") }).await;
    let open = path(&sandbox, &request("Pro")).await;
    let app = init_service(App::new().configure(pages(sandbox))).await;
    let tampered = format!("{}x", open.trim_end_matches(|last: char| last.is_alphanumeric()));
    for path in [ended, tampered, "/sandbox/checkout/x".to_owned()] {
        for end in ["", "/pay", "/decline"] {
            let uri = format!("{path}{end}");
            let request = if end.is_empty() { TestRequest::get() } else { TestRequest::post() };
            let answer = call_service(&app, request.uri(&uri).to_request()).await;
            assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{uri}");
        }
    }
}

#[actix_web::test]
async fn a_payment_that_could_not_be_told_is_not_called_done() {
    let sandbox = sandbox();
    let path = path(&sandbox, &request("Pro")).await;
    let app = init_service(App::new().configure(pages(sandbox))).await;
    let answer = call_service(&app, TestRequest::post().uri(&format!("{path}/pay")).to_request()).await;
    assert_eq!(answer.status(), StatusCode::BAD_GATEWAY);
    assert!(answer.headers().get("location").is_none());
    let html = String::from_utf8(read_body(answer).await.to_vec()).unwrap();
    assert!(html.contains("Please try again"), "{html}");
}
