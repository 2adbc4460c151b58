//! Webhook signatures.
//!
//! `creem-signature: <hex>`, the HMAC-SHA256 of the raw body with the endpoint's secret as it is (`whsec_` included).
//! It covers neither time nor id, so a recorded request stays valid: unique keys in the inbox and in the ledger make a
//! replay harmless. Creem's own library also accepts the three headers of [Standard
//! Webhooks](https://www.standardwebhooks.com), whose key is the base64-decoded secret.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use billing_core::payments::WebhookHeaders;
use billing_core::values::Timestamp;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

/// The header with the signature.
pub const SIGNATURE_HEADER: &str = "creem-signature";

/// The three headers of Standard Webhooks.
const STANDARD_HEADERS: [&str; 3] = ["webhook-id", "webhook-timestamp", "webhook-signature"];
/// The tolerated difference of a Standard signature's time, in seconds.
const TOLERANCE_SECONDS: u64 = 300;
const SIGNATURE_BYTES: usize = 32;

/// The header that Creem would send with `body`; for fakes and tests.
pub fn sign(secret: &str, body: &[u8]) -> String {
    // HMAC accepts keys of any length.
    mac(secret.as_bytes())
        .map_or_else(String::new, |mac| hex::encode(mac.chain_update(body).finalize().into_bytes()))
}

/// Whether `headers` sign `body` with one of `secrets`. If any header of Standard Webhooks is present, all are
/// required and must be valid: a request that fails the stronger scheme is not accepted by the weaker one.
pub(crate) fn is_signed(
    secrets: &[SecretString],
    headers: &WebhookHeaders,
    body: &[u8],
    now: Timestamp,
) -> bool {
    if STANDARD_HEADERS.iter().any(|name| headers.has(name)) {
        let [id, time, signatures] = STANDARD_HEADERS.map(|name| headers.get(name));
        return match (id, time, signatures) {
            (Some(id), Some(time), Some(signatures)) => {
                is_young(time, now)
                    && secrets.iter().any(|secret| matches_standard(secret, (id, time, signatures), body))
            }
            _ => false,
        };
    }
    let Some(code) = headers.get(SIGNATURE_HEADER).and_then(code) else { return false };
    let matches = |secret: &SecretString| {
        let mac = mac(secret.expose_secret().as_bytes());
        // `verify_slice` compares in constant time.
        mac.is_some_and(|mac| mac.chain_update(body).verify_slice(&code).is_ok())
    };
    secrets.iter().any(matches)
}

fn matches_standard(secret: &SecretString, (id, time, signatures): (&str, &str, &str), body: &[u8]) -> bool {
    let secret = secret.expose_secret();
    let Ok(key) = STANDARD.decode(secret.strip_prefix("whsec_").unwrap_or(secret)) else { return false };
    let Some(mac) = mac(&key).filter(|_| !key.is_empty()) else { return false };
    let mac = mac.chain_update(id).chain_update(".").chain_update(time).chain_update(".").chain_update(body);
    signatures.split(' ').any(|signature| {
        let code = signature.strip_prefix("v1,").and_then(|text| STANDARD.decode(text).ok());
        code.is_some_and(|code| mac.clone().verify_slice(&code).is_ok())
    })
}

/// Digits only, and close to `now`.
fn is_young(time: &str, now: Timestamp) -> bool {
    let digits = !time.is_empty() && time.bytes().all(|b| b.is_ascii_digit());
    let seconds = time.parse::<i64>().ok().filter(|_| digits);
    seconds.is_some_and(|seconds| now.unix_seconds().abs_diff(seconds) <= TOLERANCE_SECONDS)
}

/// Strict: Creem sends neither upper case nor prefixes.
fn code(text: &str) -> Option<[u8; SIGNATURE_BYTES]> {
    let mut code = [0; SIGNATURE_BYTES];
    if text.bytes().any(|b| b.is_ascii_uppercase()) {
        return None;
    }
    hex::decode_to_slice(text, &mut code).ok()?;
    Some(code)
}

fn mac(key: &[u8]) -> Option<Hmac<Sha256>> {
    Hmac::<Sha256>::new_from_slice(key).ok()
}
