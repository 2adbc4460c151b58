//! Webhook signatures.
//!
//! `Stripe-Signature: t=<unix seconds>,v1=<hex>[,v1=<hex>…][,v0=<hex>]`, where each `v1` is the HMAC-SHA256 of
//! `<t>.<raw body>` with one of the endpoint's secrets, as it is (`whsec_` included). There are several `v1` during a
//! rotation; `v0` is a dummy. See <https://docs.stripe.com/webhooks#verify-manually>.

use billing_core::values::Timestamp;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

/// The header with the signature.
pub const SIGNATURE_HEADER: &str = "Stripe-Signature";
/// The tolerated difference of a signature's time, in seconds. Stripe signs every delivery anew, so a late retry is
/// accepted, too.
pub const TOLERANCE_SECONDS: u64 = 300;

const SCHEME: &str = "v1";
const SIGNATURE_BYTES: usize = 32;

/// The header that Stripe would send with `body` at `timestamp`; for fakes and tests.
pub fn sign(secret: &str, timestamp: Timestamp, body: &[u8]) -> String {
    let time = timestamp.unix_seconds().to_string();
    let code = mac(secret, &time, body).map(|mac| hex::encode(mac.finalize().into_bytes()));
    // HMAC accepts keys of any length.
    format!("t={time},{SCHEME}={}", code.unwrap_or_default())
}

/// Whether `header` signs `body` with one of `secrets`, at a time close to `now`. The signature is verified before the
/// age, so that the result reveals nothing about our clock without a secret.
pub(crate) fn is_signed(secrets: &[SecretString], header: &str, body: &[u8], now: Timestamp) -> bool {
    let Some(Signature { time, seconds, codes }) = Signature::parse(header) else { return false };
    let matches = |secret: &SecretString| {
        let mac = mac(secret.expose_secret(), time, body);
        // `verify_slice` compares in constant time.
        mac.is_some_and(|mac| codes.iter().any(|code| mac.clone().verify_slice(code).is_ok()))
    };
    secrets.iter().any(matches) && now.unix_seconds().abs_diff(seconds) <= TOLERANCE_SECONDS
}

/// A parsed header.
struct Signature<'a> {
    /// The signed time.
    time: &'a str,
    seconds: i64,
    codes: Vec<[u8; SIGNATURE_BYTES]>,
}

impl<'a> Signature<'a> {
    /// Strict: Stripe sends neither spaces nor upper case. Unknown parts are skipped.
    fn parse(header: &'a str) -> Option<Self> {
        let mut time = None;
        let mut codes = Vec::new();
        for (name, value) in header.split(',').filter_map(|part| part.split_once('=')) {
            match name {
                // With two times, libraries differ in which one they use: refused.
                "t" if time.is_some() => return None,
                "t" => time = Some((value, unix_seconds(value)?)),
                SCHEME => codes.extend(code(value)),
                _ => {}
            }
        }
        let (time, seconds) = time?;
        (!codes.is_empty()).then_some(Self { time, seconds, codes })
    }
}

/// Digits only: no sign, no space.
fn unix_seconds(text: &str) -> Option<i64> {
    if text.bytes().all(|b| b.is_ascii_digit()) { text.parse().ok() } else { None }
}

fn code(text: &str) -> Option<[u8; SIGNATURE_BYTES]> {
    let mut code = [0; SIGNATURE_BYTES];
    if text.bytes().any(|b| b.is_ascii_uppercase()) {
        return None;
    }
    hex::decode_to_slice(text, &mut code).ok()?;
    Some(code)
}

fn mac(secret: &str, time: &str, body: &[u8]) -> Option<Hmac<Sha256>> {
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
    Some(mac.chain_update(time).chain_update(".").chain_update(body))
}
