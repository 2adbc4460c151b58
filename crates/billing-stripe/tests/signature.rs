//! Which webhook requests are let in.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

#[expect(dead_code, reason = "not every test needs all of it")]
mod common;

use std::sync::LazyLock;

use billing_core::payments::WebhookHeaders;
use billing_core::ports::Webhooks;
use billing_core::values::Timestamp;
use billing_core::webhooks::WebhookRefusal;
use billing_stripe::{SIGNATURE_HEADER, StripeConfig, StripeProvider, sign};
use common::{SECRET, headers, now};
use proptest::prelude::*;

const SECOND: &str = "whsec_second";
const BODY: &[u8] =
    br#"{"id":"evt_1","object":"event","type":"invoice.paid","created":1776247100,"data":{"object":{}}}"#;

/// Made once: an HTTP client takes its time to set up.
static PROVIDER: LazyLock<StripeProvider> = LazyLock::new(|| {
    let config = StripeConfig::new("sk_test_1".into(), vec![SECRET.into(), SECOND.into()]);
    StripeProvider::try_new(config).unwrap()
});

fn verdict(signature: &str) -> Result<(), WebhookRefusal> {
    PROVIDER.verify(&headers(signature), BODY, now()).map(|_| ())
}

/// The code alone.
fn code(secret: &str, at: Timestamp) -> String {
    sign(secret, at, BODY).split_once("v1=").unwrap().1.to_owned()
}

#[test]
fn the_signature_is_the_documented_one() {
    // Worked out with another implementation of HMAC-SHA256.
    let signature = sign("whsec_test", Timestamp::from_unix_seconds(1_594_120_195), b"{}");
    assert_eq!(signature, "t=1594120195,v1=ac988f5f4a64e0723cb190199a8dbd71c302feeaadbc9739c65acc5db71ef3ce");
}

#[test]
fn a_signed_event_comes_out_as_it_went_in() {
    let event = PROVIDER.verify(&headers(&sign(SECRET, now(), BODY)), BODY, now()).unwrap();
    assert_eq!((event.id.as_str(), event.kind.as_str()), ("evt_1", "invoice.paid"));
    assert_eq!(event.created_at, Timestamp::from_unix_seconds(1_776_247_100));
    assert_eq!(event.body, BODY);
}

#[test]
fn headers_that_are_let_in() {
    let (t, v1) = (now().unix_seconds(), code(SECRET, now()));
    let wrong = "0".repeat(64);
    for signature in [
        format!("t={t},v1={v1}"),
        format!("v1={v1},t={t}"),
        format!("t={t},v1={},v0={wrong}", code(SECOND, now())),
        format!("t={t},v1={wrong},v1={v1}"),
        format!("t={t},v1={v1},v1={wrong}"),
        format!("t={t},v1=short,v1=,v1={v1}"),
        format!("t={t},v1={v1},v2=anything,nonsense,x=y=z"),
    ] {
        assert_eq!(verdict(&signature), Ok(()), "{signature}");
    }
}

#[test]
fn headers_that_are_not() {
    let (t, v1) = (now().unix_seconds(), code(SECRET, now()));
    let wrong = "0".repeat(64);
    for signature in [
        String::new(),
        ",".to_owned(),
        "=".to_owned(),
        format!("t={t}"),
        format!("v1={v1}"),
        format!("t={t},v1="),
        format!("t={t},v0={v1}"),
        format!("t={t},v1={wrong}"),
        format!("t={t},v1={}", code("whsec_third", now())),
        format!("t={t},v1={}", code("", now())),
        format!("t={t},v1={}", v1.to_ascii_uppercase()),
        format!("t={t},v1={}", &v1[..62]),
        format!("t={t},v1={v1}00"),
        format!("t={t},t={t},v1={v1}"),
        format!("t={},t={t},v1={v1}", t - 1),
        format!("t={},v1={v1}", t + 1),
        format!("t= {t},v1={v1}"),
        format!("t=+{t},v1={v1}"),
        format!("t=,v1={v1}"),
        format!("t=now,v1={v1}"),
        format!("t=99999999999999999999,v1={v1}"),
        format!("t={t}, v1={v1}"),
        format!("t={t},v1={v1}\r\n"),
        format!("t={t};v1={v1}"),
        format!("T={t},V1={v1}"),
    ] {
        assert_eq!(verdict(&signature), Err(WebhookRefusal::BadSignature), "{signature:?}");
    }
}

#[test]
fn a_signature_is_good_for_five_minutes_either_way() {
    for (seconds, good) in [(0, true), (-300, true), (-301, false), (300, true), (301, false)] {
        let signature = sign(SECRET, now().plus_seconds(seconds), BODY);
        assert_eq!(verdict(&signature).is_ok(), good, "{seconds}");
    }
}

#[test]
fn a_missing_or_doubled_header_is_refused() {
    let one = (SIGNATURE_HEADER.to_owned(), sign(SECRET, now(), BODY).into_bytes());
    for headers in [vec![], vec![one.clone(), one]] {
        let verdict = PROVIDER.verify(&WebhookHeaders::new(headers), BODY, now());
        assert_eq!(verdict.unwrap_err(), WebhookRefusal::BadSignature);
    }
}

#[test]
fn bodies_that_are_no_event_are_refused_after_the_signature() {
    for body in [
        &b""[..],
        b"null",
        b"[]",
        b"not json",
        b"\xff\xfe\x00",
        b"{}",
        br#"{"id":"evt_1","type":"a"}"#,
        br#"{"id":"evt_1","type":"a","data":{}}"#,
        br#"{"id":"evt_1","type":"a","data":{"object":null}}"#,
        br#"{"id":"evt_1","type":"a","data":{"object":"in_1"}}"#,
        br#"{"type":"a","data":{"object":{}}}"#,
        br#"{"id":"evt_1","data":{"object":{}}}"#,
        br#"{"id":"","type":"a","data":{"object":{}}}"#,
        br#"{"id":"evt_1","type":"","data":{"object":{}}}"#,
        br#"{"id":"evt\u0000","type":"a","data":{"object":{}}}"#,
        br#"{"id":"evt_1","object":"v2.core.event","type":"v1.invoice.paid","created":1,"data":{"object":{}}}"#,
        br#"{"id":"","object":"v2.core.event","type":"v1.invoice.paid"}"#,
        br#"{"object":"v2.core.event","type":"v1.invoice.paid"}"#,
    ] {
        let text = String::from_utf8_lossy(body);
        let signed = PROVIDER.verify(&headers(&sign(SECRET, now(), body)), body, now());
        assert_eq!(signed.unwrap_err(), WebhookRefusal::NotAnEvent, "{text}");
        let unsigned = PROVIDER.verify(&headers(&sign("whsec_third", now(), body)), body, now());
        assert_eq!(unsigned.unwrap_err(), WebhookRefusal::BadSignature, "{text}");
    }
}

#[test]
fn what_old_senders_leave_out_is_not_missed() {
    let body = br#"{"id":"evt_1","type":"a","data":{"object":{}}}"#;
    let event = PROVIDER.verify(&headers(&sign(SECRET, now(), body)), body, now()).unwrap();
    assert_eq!(event.created_at, now());
}

#[test]
fn a_flipped_bit_anywhere_in_the_body_is_noticed() {
    let signature = headers(&sign(SECRET, now(), BODY));
    for index in 0..BODY.len() {
        for bit in 0..8 {
            let mut body = BODY.to_vec();
            body[index] ^= 1 << bit;
            let verdict = PROVIDER.verify(&signature, &body, now());
            assert_eq!(verdict.unwrap_err(), WebhookRefusal::BadSignature, "byte {index}, bit {bit}");
        }
    }
}

#[test]
fn a_changed_character_anywhere_in_the_header_lets_nothing_false_in() {
    let signature = sign(SECRET, now(), BODY);
    for index in 0..signature.len() {
        let mut changed = signature.clone().into_bytes();
        changed[index] ^= 1;
        let changed = String::from_utf8(changed).unwrap();
        assert_eq!(verdict(&changed), Err(WebhookRefusal::BadSignature), "{changed}");
    }
}

proptest! {
    #[test]
    fn no_header_makes_it_panic_or_believe(header in "[tv01=,0-9a-f ]{0,200}") {
        prop_assert_eq!(verdict(&header), Err(WebhookRefusal::BadSignature));
    }

    #[test]
    fn any_bytes_can_be_signed_and_checked(body in proptest::collection::vec(any::<u8>(), 0..300)) {
        let verdict = PROVIDER.verify(&headers(&sign(SECOND, now(), &body)), &body, now());
        prop_assert_ne!(verdict.err(), Some(WebhookRefusal::BadSignature));
    }
}
