//! Who may post events.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use billing_core::payments::WebhookHeaders;
use billing_core::ports::Webhooks;
use billing_core::values::Timestamp;
use billing_core::webhooks::WebhookRefusal;
use billing_creem::{CreemConfig, CreemProvider, sign};
use billing_testkit::builders::at;

/// Its base64 decodes to `a secret of the tests, 32 bytes!`.
const SECRET: &str = "whsec_YSBzZWNyZXQgb2YgdGhlIHRlc3RzLCAzMiBieXRlcyE=";
const BODY: &str = "{\"id\":\"evt_1\",\"eventType\":\"subscription.paid\",\"object\":{\"ключ\":\"✓\"}}\n";
/// Computed with another implementation of HMAC.
const HEX: &str = "1dc2fb47a87f4b12a98808097d64811344bf48b91f1cb8122845342350833f97";
/// The same, of `msg_1.1776254400.` and the body, under the decoded secret.
const STANDARD: &str = "v1,h4IBO6bwh2rl8r+5sZDdT5zRIE0MG7ZmFjCkZcsS2Y8=";

fn now() -> Timestamp {
    at("2026-04-15T12:00:00Z")
}

fn verify(headers: &[(&str, &[u8])], body: &str, now: Timestamp) -> Result<(), WebhookRefusal> {
    let secrets = vec!["whsec_another".into(), SECRET.into()];
    let creem = CreemProvider::try_new(CreemConfig::new("creem_test_1".into(), secrets)).unwrap();
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), value.to_vec()));
    creem.verify(&WebhookHeaders::new(headers), body.as_bytes(), now).map(drop)
}

#[test]
fn the_body_as_it_came_is_what_is_signed() {
    assert_eq!(sign(SECRET, BODY.as_bytes()), HEX);
    let signed = |name: &str, code: &str, body: &str| verify(&[(name, code.as_bytes())], body, now());
    assert_eq!(signed("creem-signature", HEX, BODY), Ok(()));
    assert_eq!(signed("Creem-Signature", HEX, BODY), Ok(()));
    let refused = Err(WebhookRefusal::BadSignature);
    assert_eq!(signed("creem-signature", HEX, BODY.trim_end()), refused);
    let pretty =
        serde_json::to_string_pretty(&serde_json::from_str::<serde_json::Value>(BODY).unwrap()).unwrap();
    assert_eq!(signed("creem-signature", HEX, &pretty), refused);
    for code in [
        "",
        " ",
        &HEX[..63],
        &HEX[..62],
        &format!("{HEX}0"),
        &HEX.to_uppercase(),
        &format!("sha256={HEX}"),
        &format!(" {HEX}"),
        &sign("whsec_wrong", BODY.as_bytes()),
        "☃",
    ] {
        assert_eq!(signed("creem-signature", code, BODY), refused, "{code:?}");
    }
    assert_eq!(signed("x-creem-signature", HEX, BODY), refused);
    assert_eq!(verify(&[], BODY, now()), refused);
    assert_eq!(verify(&[("creem-signature", b"\xff\xfe")], BODY, now()), refused);
    // Two headers could be read differently by a proxy and by us.
    let twice = ("creem-signature", HEX.as_bytes());
    assert_eq!(verify(&[twice, twice], BODY, now()), refused);
}

#[test]
fn the_standard_scheme_is_taken_whole_or_not_at_all() {
    let id: (&str, &[u8]) = ("webhook-id", b"msg_1");
    let time: (&str, &[u8]) = ("webhook-timestamp", b"1776254400");
    let code = ("webhook-signature", STANDARD.as_bytes());
    let legacy = ("creem-signature", HEX.as_bytes());
    let refused = Err(WebhookRefusal::BadSignature);
    assert_eq!(verify(&[id, time, code], BODY, now()), Ok(()));
    let several = format!("v1,AAAA {STANDARD}");
    assert_eq!(verify(&[id, time, ("webhook-signature", several.as_bytes())], BODY, now()), Ok(()));
    for seconds in [-301, 301] {
        assert_eq!(verify(&[id, time, code], BODY, now().plus_seconds(seconds)), refused);
    }
    // Nobody who fails the stronger scheme is let in by the weaker.
    for headers in [
        vec![id, time, ("webhook-signature", b"v1,AAAA".as_slice()), legacy],
        vec![id, code, legacy],
        vec![time, code, legacy],
        vec![id, time, legacy],
        vec![("webhook-id", b"".as_slice()), time, code, legacy],
        vec![("webhook-id", b"msg_2".as_slice()), time, code, legacy],
        vec![id, ("webhook-timestamp", b"+1776254400".as_slice()), code, legacy],
    ] {
        assert_eq!(verify(&headers, BODY, now()), refused, "{headers:?}");
    }
}

#[test]
fn what_is_signed_and_no_event_is_told_apart() {
    for body in
        ["", "[]", "{}", "{\"id\":\"\",\"eventType\":\"a\",\"object\":{}}", "{\"id\":\"e\",\"object\":{}}"]
    {
        let code = sign(SECRET, body.as_bytes());
        let refused = verify(&[("creem-signature", code.as_bytes())], body, now());
        assert_eq!(refused, Err(WebhookRefusal::NotAnEvent), "{body}");
    }
}
