//! What comes after a payment, as a developer plays it.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::sync::{Arc, Mutex};

use actix_web::http::StatusCode;
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use billing_core::catalog::Interval;
use billing_core::payments::{
    Channel, CheckoutRequest, DisputeState, Fact, PaymentReversalUpdate, PeriodReason, Purchase,
    WebhookHeaders,
};
use billing_core::ports::{Checkout, Clock, Webhooks};
use billing_core::subscriptions::SubscriptionStatus;
use billing_core::values::{AccountId, InboxEventId, Money, OrderId, Timestamp};
use billing_core::webhooks::{InboxEvent, InboxState};
use billing_sandbox::{Sandbox, SandboxConfig, pages};

struct Noon;

impl Clock for Noon {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix_seconds(1_800_000_000)
    }
}

/// What was delivered, with its headers.
type Delivered = Arc<Mutex<Vec<(WebhookHeaders, Vec<u8>)>>>;

/// A sandbox whose webhooks arrive.
fn sandbox() -> (Arc<Sandbox>, Delivered) {
    let delivered = Delivered::default();
    let kept = delivered.clone();
    let server = HttpServer::new(move || {
        let kept = kept.clone();
        App::new().default_service(web::to(move |request: HttpRequest, body: web::Bytes| {
            let headers =
                request.headers().iter().map(|(name, value)| (name.to_string(), value.as_bytes().to_vec()));
            kept.lock().unwrap().push((WebhookHeaders::new(headers), body.to_vec()));
            async { HttpResponse::Ok().finish() }
        }))
    });
    let server = server.workers(1).bind(("127.0.0.1", 0)).unwrap();
    let config = SandboxConfig {
        secret: "a secret of the tests that is long enough".into(),
        public_url: "http://shop.test".to_owned(),
        webhook_url: format!("http://{}/payment/webhook/sandbox", server.addrs()[0]),
    };
    actix_web::rt::spawn(server.disable_signals().run());
    (Arc::new(Sandbox::try_new(config, Arc::new(Noon)).unwrap()), delivered)
}

fn request(trial_days: u32, plan: bool) -> CheckoutRequest {
    let (name, price) = ("Pro".to_owned(), Some("p:monthly".to_owned()));
    let purchase = if plan {
        Purchase::Plan { name, interval: Interval::Monthly, price, trial_days }
    } else {
        Purchase::Pack { name, product: None }
    };
    CheckoutRequest {
        order: OrderId::from_uuid(uuid::Uuid::from_u128(1)),
        account: AccountId::from_uuid(uuid::Uuid::from_u128(2)),
        customer: None,
        email: None,
        purchase,
        price: Money::new(999, "usd".parse().unwrap()),
        discount: None,
        success_url: "https://shop.test/thanks".to_owned(),
        cancel_url: "https://shop.test/".to_owned(),
        expires_at: Noon.now().plus_seconds(3600),
    }
}

/// What was told since the last look, as the core understands it.
fn heard(sandbox: &Sandbox, delivered: &Delivered) -> Vec<Fact> {
    let told = std::mem::take(&mut *delivered.lock().unwrap());
    let read = |(headers, body): (WebhookHeaders, Vec<u8>)| {
        let event = sandbox.verify(&headers, &body, Noon.now()).unwrap();
        let kept = InboxEvent {
            id: InboxEventId::from_uuid(uuid::Uuid::nil()),
            channel: Channel::named("sandbox"),
            event_id: event.id,
            kind: event.kind,
            created_at: event.created_at,
            body: event.body,
            received_at: Noon.now(),
            state: InboxState::Pending,
            attempts: 0,
            note: None,
            next_attempt_at: None,
        };
        sandbox.read(&kept).unwrap()
    };
    told.into_iter().map(read).collect()
}

/// Pays a checkout, presses `buttons` one after the other on the pages that follow, and answers what the last one told
/// and the page that it led to.
async fn plays(request: CheckoutRequest, buttons: &[&str]) -> (Vec<Fact>, String) {
    let (sandbox, delivered) = sandbox();
    let session = sandbox.create_checkout(&request).await.unwrap();
    let app = init_service(App::new().configure(pages(sandbox.clone()))).await;
    let mut page = session.url.strip_prefix("http://shop.test").unwrap().to_owned();
    let mut facts = Vec::new();
    for button in [&["pay_and_stay"], buttons].concat() {
        let path = format!("{page}/{button}");
        // The button is pressed twice: the same is told, and the same page follows.
        let mut answers = Vec::new();
        for _ in 0..2 {
            let answer = call_service(&app, TestRequest::post().uri(&path).to_request()).await;
            assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{button}");
            let next = answer.headers().get("location").unwrap().to_str().unwrap().to_owned();
            answers.push((heard(&sandbox, &delivered), next));
        }
        assert_eq!(answers[0], answers[1], "{button}");
        (facts, page) = answers.remove(0);
    }
    let answer = call_service(&app, TestRequest::get().uri(&page).to_request()).await;
    assert_eq!(answer.status(), StatusCode::OK);
    (facts, String::from_utf8(read_body(answer).await.to_vec()).unwrap())
}

#[actix_web::test]
async fn a_renewal_pays_the_next_period_from_now_on() {
    let (facts, page) = plays(request(0, true), &["renew"]).await;
    let [Fact::Subscription(now), Fact::PeriodPaid(paid)] = &facts[..] else { panic!("{facts:?}") };
    assert_eq!((now.status, now.period), (SubscriptionStatus::Active, Some(paid.lines[0].period)));
    assert_eq!((paid.reason, paid.lines[0].period.start), (PeriodReason::Cycle, Noon.now()));
    assert!(paid.payment.ends_with("_2"), "{}", paid.payment);
    assert!(page.contains("active") && page.contains("9.99 USD"), "{page}");
}

#[actix_web::test]
async fn a_trial_is_told_without_money_and_its_end_with_the_first() {
    let (facts, page) = plays(request(14, true), &[]).await;
    assert!(matches!(&facts[..], [Fact::Subscription(now), Fact::Checkout(_)] if now.trial_end.is_some()));
    assert!(!page.contains("Refund"), "nothing was paid: {page}");
    let (facts, _) = plays(request(14, true), &["renew"]).await;
    let [Fact::Subscription(now), Fact::PeriodPaid(paid)] = &facts[..] else { panic!("{facts:?}") };
    assert_eq!((now.status, now.trial_end), (SubscriptionStatus::Active, Some(Noon.now())));
    assert_eq!(paid.paid.unwrap().minor, 999);
}

#[actix_web::test]
async fn a_renewal_that_failed_recovers_for_its_own_period_or_is_given_up() {
    let (failed, _) = plays(request(0, true), &["fail_renewal"]).await;
    let [Fact::Subscription(failed)] = &failed[..] else { panic!("{failed:?}") };
    assert_eq!(failed.status, SubscriptionStatus::PastDue);
    for buttons in [&["fail_renewal", "renew"][..], &["fail_renewal", "give_up", "renew"]] {
        let (facts, _) = plays(request(0, true), buttons).await;
        let [_, Fact::PeriodPaid(paid)] = &facts[..] else { panic!("{facts:?}") };
        assert_eq!(Some(paid.lines[0].period), failed.period);
    }
    let (unpaid, page) = plays(request(0, true), &["fail_renewal", "give_up"]).await;
    assert!(matches!(&unpaid[..], [Fact::Subscription(now)] if now.status == SubscriptionStatus::Unpaid));
    assert!(page.contains("unpaid"), "{page}");
}

#[actix_web::test]
async fn a_subscription_is_set_to_end_goes_on_is_set_aside_and_ends() {
    let (facts, _) = plays(request(0, true), &["end_with_period"]).await;
    assert!(matches!(&facts[..], [Fact::Subscription(now)] if now.cancel_at_period_end));
    let (facts, _) = plays(request(0, true), &["end_with_period", "go_on", "pause"]).await;
    assert!(
        matches!(&facts[..], [Fact::Subscription(now)] if now.status == SubscriptionStatus::Paused && now.cancel_at.is_none())
    );
    let (facts, page) = plays(request(0, true), &["end"]).await;
    assert!(matches!(&facts[..], [Fact::Subscription(now)] if now.ended_at == Some(Noon.now())));
    assert!(!page.contains("Renew now") && page.contains("Refund all"), "{page}");
}

#[actix_web::test]
async fn money_goes_back_in_parts_and_by_disputes_and_never_more_than_was_paid() {
    let (facts, page) = plays(request(0, false), &["refund_half", "refund"]).await;
    let [Fact::Reversal(back)] = &facts[..] else { panic!("{facts:?}") };
    assert!(matches!(&back.update, PaymentReversalUpdate::Refund(refund) if refund.amount.minor == 500));
    assert!(!page.contains("<button"), "nothing is left: {page}");
    for (button, expected) in [("win", DisputeState::Won), ("lose", DisputeState::Lost)] {
        let (facts, _) = plays(request(0, false), &["refund_half", "dispute", button]).await;
        let [Fact::Reversal(back)] = &facts[..] else { panic!("{facts:?}") };
        let PaymentReversalUpdate::Dispute(dispute) = &back.update else { panic!("{back:?}") };
        assert_eq!((dispute.state, dispute.amount.minor), (expected, 500));
    }
}

#[actix_web::test]
async fn what_cannot_happen_is_refused_and_nobody_makes_up_a_purchase() {
    let (sandbox, delivered) = sandbox();
    let session = sandbox.create_checkout(&request(0, false)).await.unwrap();
    let app = init_service(App::new().configure(pages(sandbox))).await;
    let checkout = session.url.strip_prefix("http://shop.test").unwrap();
    let pay = TestRequest::post().uri(&format!("{checkout}/pay_and_stay")).to_request();
    let paid = call_service(&app, pay).await;
    let page = paid.headers().get("location").unwrap().to_str().unwrap().to_owned();
    delivered.lock().unwrap().clear();
    let made_up = checkout.replace("/checkout/", "/purchase/");
    for (path, status) in [
        (format!("{page}/win"), StatusCode::CONFLICT),
        (format!("{page}/renew"), StatusCode::CONFLICT),
        (format!("{page}/fly"), StatusCode::NOT_FOUND),
        (format!("{page}x/refund"), StatusCode::NOT_FOUND),
        (format!("{made_up}/refund"), StatusCode::NOT_FOUND),
    ] {
        let answer = call_service(&app, TestRequest::post().uri(&path).to_request()).await;
        assert_eq!(answer.status(), status, "{path}");
    }
    assert!(delivered.lock().unwrap().is_empty());
    let reloaded = call_service(&app, TestRequest::get().uri(&format!("{page}/refund")).to_request()).await;
    assert_eq!(reloaded.headers().get("location").unwrap().to_str().unwrap(), page);
}
