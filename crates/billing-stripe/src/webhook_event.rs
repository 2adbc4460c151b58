//! From a webhook request to an event that Stripe really sent.

use billing_core::payments::{WebhookEvent, WebhookHeaders};
use billing_core::values::Timestamp;
use billing_core::webhooks::WebhookRefusal;
use secrecy::SecretString;

use crate::webhook_signature::{SIGNATURE_HEADER, is_signed};
use crate::wire::Envelope;

/// Checks the signature over the raw body, and only then looks inside. Thin events are none of ours: the
/// endpoint is registered for snapshots.
pub(crate) fn verify(
    secrets: &[SecretString],
    headers: &WebhookHeaders,
    body: &[u8],
    now: Timestamp,
) -> Result<WebhookEvent, WebhookRefusal> {
    let header = headers.get(SIGNATURE_HEADER).ok_or(WebhookRefusal::BadSignature)?;
    if !is_signed(secrets, header, body, now) {
        return Err(WebhookRefusal::BadSignature);
    }
    let envelope: Envelope = serde_json::from_slice(body).map_err(|_| WebhookRefusal::NotAnEvent)?;
    let thin = envelope.object.as_deref().is_some_and(|object| object.starts_with("v2."));
    if thin || !is_name(&envelope.id) || !is_name(&envelope.kind) {
        return Err(WebhookRefusal::NotAnEvent);
    }
    // Old senders leave out much; what has no time has just happened.
    let created_at = envelope.created.map_or(now, Timestamp::from_unix_seconds);
    Ok(WebhookEvent { id: envelope.id, kind: envelope.kind, created_at, body: body.to_vec() })
}

/// Whether `text` can be kept as an id or a type.
fn is_name(text: &str) -> bool {
    (1..=255).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
}
