//! Verification of webhook requests.

use billing_core::payments::{WebhookEvent, WebhookHeaders};
use billing_core::values::Timestamp;
use billing_core::webhooks::WebhookRefusal;
use secrecy::SecretString;

use crate::webhook_signature::is_signed;
use crate::wire::Envelope;

/// Verifies the signature over the raw body before parsing it. An event without an id is refused: an empty id would
/// stand for all events without one.
pub(crate) fn verify(
    secrets: &[SecretString],
    headers: &WebhookHeaders,
    body: &[u8],
    now: Timestamp,
) -> Result<WebhookEvent, WebhookRefusal> {
    if !is_signed(secrets, headers, body, now) {
        return Err(WebhookRefusal::BadSignature);
    }
    let envelope: Envelope = serde_json::from_slice(body).map_err(|_| WebhookRefusal::NotAnEvent)?;
    if !is_name(&envelope.id) || !is_name(&envelope.kind) {
        return Err(WebhookRefusal::NotAnEvent);
    }
    // An event without a time has just happened.
    let created_at = envelope.created_at.map_or(now, |moment| moment.0);
    Ok(WebhookEvent { id: envelope.id, kind: envelope.kind, created_at, body: body.to_vec() })
}

/// Whether `text` can be stored as an id or a type.
fn is_name(text: &str) -> bool {
    (1..=255).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
}
