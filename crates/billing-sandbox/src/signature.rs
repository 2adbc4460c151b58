//! Signatures of Standard Webhooks: `webhook-id`, `webhook-timestamp` and `webhook-signature`, the last being `v1,`
//! and the base64 of HMAC-SHA256 over `id.timestamp.body`.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use billing_core::payments::WebhookHeaders;
use billing_core::values::Timestamp;
use billing_core::webhooks::WebhookRefusal;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

/// The tolerated difference of a signature's time, in seconds.
const TOLERANCE_SECONDS: i64 = 300;
/// A guessed secret allows forged payments.
const SHORTEST_SECRET: usize = 32;

/// The page of a signed URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Page {
    /// A checkout.
    Checkout,
    /// A purchase.
    Purchase,
}

/// Signs webhooks and URLs with one secret, with separate domains, so that one cannot be used as the other.
pub(crate) struct Signer {
    /// Initialized with the secret; each signature uses a copy of it.
    keyed: Hmac<Sha256>,
}

impl Signer {
    /// Signs with `secret`; none if it is too short.
    pub(crate) fn try_new(secret: &SecretString) -> Option<Self> {
        let secret = secret.expose_secret().as_bytes();
        let keyed = <Hmac<Sha256> as KeyInit>::new_from_slice(secret).ok()?;
        (secret.len() >= SHORTEST_SECRET).then_some(Self { keyed })
    }

    /// The headers that sign `body` as the event `id` at `now`.
    pub(crate) fn sign_webhook(&self, id: &str, now: Timestamp, body: &[u8]) -> [(&'static str, String); 3] {
        let seconds = now.unix_seconds();
        let signature = STANDARD.encode(self.webhook_mac(id, seconds, body).finalize().into_bytes());
        [
            ("webhook-id", id.to_owned()),
            ("webhook-timestamp", seconds.to_string()),
            ("webhook-signature", format!("v1,{signature}")),
        ]
    }

    /// The event id that the headers sign `body` for. The signature is verified before the age, and both before the
    /// body is parsed.
    pub(crate) fn verify_webhook(
        &self,
        headers: &WebhookHeaders,
        body: &[u8],
        now: Timestamp,
    ) -> Result<String, WebhookRefusal> {
        let header = |name| headers.get(name).ok_or(WebhookRefusal::BadSignature);
        let (id, timestamp) = (header("webhook-id")?, header("webhook-timestamp")?);
        let seconds: i64 = timestamp.parse().map_err(|_| WebhookRefusal::BadSignature)?;
        let signed = header("webhook-signature")?.split(' ').any(|signature| {
            let bytes = signature.strip_prefix("v1,").and_then(|text| STANDARD.decode(text).ok());
            bytes.is_some_and(|bytes| self.webhook_mac(id, seconds, body).verify_slice(&bytes).is_ok())
        });
        let age = now.unix_seconds().saturating_sub(seconds);
        if !signed || age.saturating_abs() > TOLERANCE_SECONDS {
            return Err(WebhookRefusal::BadSignature);
        }
        Ok(id.to_owned())
    }

    /// `payload` in URL-safe form for `page`, with its signature.
    pub(crate) fn seal(&self, page: Page, payload: &[u8]) -> String {
        let signature = self.seal_mac(page, payload).finalize().into_bytes();
        format!("{}.{}", URL_SAFE_NO_PAD.encode(payload), URL_SAFE_NO_PAD.encode(signature))
    }

    /// The payload of `token`, if it was signed for `page`.
    pub(crate) fn open(&self, page: Page, token: &str) -> Option<Vec<u8>> {
        let (payload, signature) = token.split_once('.')?;
        let payload = URL_SAFE_NO_PAD.decode(payload).ok()?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        self.seal_mac(page, &payload).verify_slice(&signature).ok()?;
        Some(payload)
    }

    fn webhook_mac(&self, id: &str, seconds: i64, body: &[u8]) -> Hmac<Sha256> {
        self.mac(&[b"webhook", id.as_bytes(), seconds.to_string().as_bytes(), body])
    }

    fn seal_mac(&self, page: Page, payload: &[u8]) -> Hmac<Sha256> {
        let page: &[u8] = match page {
            Page::Checkout => b"checkout",
            Page::Purchase => b"purchase",
        };
        self.mac(&[page, payload])
    }

    fn mac(&self, parts: &[&[u8]]) -> Hmac<Sha256> {
        let mut mac = self.keyed.clone();
        for (place, part) in parts.iter().enumerate() {
            if place > 0 {
                mac.update(b".");
            }
            mac.update(part);
        }
        mac
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = br#"{"id":"evt_1"}"#;

    fn signer() -> Signer {
        Signer::try_new(&"a secret of the test that is long enough".into()).unwrap()
    }

    fn now() -> Timestamp {
        Timestamp::from_unix_seconds(1_800_000_000)
    }

    fn headers(signed: [(&'static str, String); 3]) -> WebhookHeaders {
        WebhookHeaders::new(signed.map(|(name, value)| (name.to_owned(), value.into_bytes())))
    }

    #[test]
    fn what_was_signed_is_accepted_for_five_minutes_either_way() {
        let signed = headers(signer().sign_webhook("evt_1", now(), BODY));
        for (seconds, good) in [(0, true), (300, true), (-300, true), (301, false), (-301, false)] {
            let verified = signer().verify_webhook(&signed, BODY, now().plus_seconds(seconds));
            assert_eq!(verified.is_ok(), good, "{seconds}");
        }
    }

    #[test]
    fn one_flipped_bit_anywhere_or_another_secret_is_refused() {
        let signed = signer().sign_webhook("evt_1", now(), BODY);
        for place in 0..BODY.len() {
            let mut body = BODY.to_vec();
            body[place] ^= 1;
            assert!(signer().verify_webhook(&headers(signed.clone()), &body, now()).is_err(), "byte {place}");
        }
        for header in 0..3 {
            let mut wrong = signed.clone();
            wrong[header].1.push('0');
            assert!(signer().verify_webhook(&headers(wrong), BODY, now()).is_err(), "header {header}");
        }
        let other = Signer::try_new(&"another secret of the test, long enough".into()).unwrap();
        assert!(other.verify_webhook(&headers(signed), BODY, now()).is_err());
        assert!(signer().verify_webhook(&WebhookHeaders::default(), BODY, now()).is_err());
    }

    #[test]
    fn a_short_secret_is_none() {
        assert!(Signer::try_new(&String::new().into()).is_none());
        assert!(Signer::try_new(&"x".repeat(31).into()).is_none());
    }

    #[test]
    fn a_sealed_address_cannot_be_changed_nor_stand_for_another_page() {
        let token = signer().seal(Page::Checkout, BODY);
        assert_eq!(signer().open(Page::Checkout, &token).as_deref(), Some(BODY));
        assert_eq!(signer().open(Page::Purchase, &token), None);
        for place in 0..token.len() {
            let mut wrong = token.clone().into_bytes();
            wrong[place] = if wrong[place] == b'A' { b'B' } else { b'A' };
            let opened = signer().open(Page::Checkout, &String::from_utf8(wrong).unwrap());
            assert_ne!(opened.as_deref(), Some(BODY), "{place}");
        }
    }
}
