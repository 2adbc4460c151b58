//! Verification of webhook requests.

use billing_core::payments::{WebhookEvent, WebhookHeaders};
use billing_core::values::Timestamp;
use billing_core::webhooks::WebhookRefusal;
use secrecy::SecretString;

use crate::webhook_signature::{SIGNATURE_HEADER, is_signed};
use crate::wire::{Envelope, ThinEvent};

/// Verifies the signature over the raw body before parsing it. Thin events are accepted, too, although the endpoint
/// should be registered for snapshots: if refused, they would be redelivered for days.
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
    let (id, kind, created_at) = match ThinEvent::read(body) {
        Some(thin) => (thin.id, thin.kind, thin.created),
        None => snapshot(body)?,
    };
    if !is_name(&id) || !is_name(&kind) {
        return Err(WebhookRefusal::NotAnEvent);
    }
    // Old senders omit many fields; an event without a time has just happened.
    Ok(WebhookEvent { id, kind, created_at: created_at.unwrap_or(now), body: body.to_vec() })
}

/// The id, type and time of a snapshot event.
fn snapshot(body: &[u8]) -> Result<(String, String, Option<Timestamp>), WebhookRefusal> {
    let envelope: Envelope = serde_json::from_slice(body).map_err(|_| WebhookRefusal::NotAnEvent)?;
    if envelope.is_thin() {
        return Err(WebhookRefusal::NotAnEvent);
    }
    Ok((envelope.id, envelope.kind, envelope.created.map(Timestamp::from_unix_seconds)))
}

/// Whether `text` can be stored as an id or a type.
fn is_name(text: &str) -> bool {
    (1..=255).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
}
