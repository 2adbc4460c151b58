//! Receives a provider's event.

use crate::BillingError;
use crate::billing::Ports;
use crate::payments::{Channel, WebhookHeaders};
use crate::ports::Received;
use crate::values::InboxEventId;
use crate::webhooks::{InboxEvent, InboxState, WebhookRefusal};

/// Verifies the signature over the raw body and stores the event. When this returns, the event is durable and may be
/// acknowledged; it is applied later.
///
/// # Errors
///
/// [`BillingError::Webhook`] if its signature is invalid: nothing was stored.
pub(crate) async fn receive_webhook(
    ports: &Ports,
    channel: Channel,
    headers: &WebhookHeaders,
    body: &[u8],
) -> Result<Received, BillingError> {
    let provider = ports.provider(channel).ok_or(WebhookRefusal::ChannelNotConfigured)?;
    let now = ports.clock.now();
    let event = provider.verify(headers, body, now)?;
    let received = ports
        .store
        .inbox
        .receive(InboxEvent {
            id: InboxEventId::new(&*ports.ids),
            channel,
            event_id: event.id,
            kind: event.kind,
            created_at: event.created_at,
            body: event.body,
            received_at: now,
            state: InboxState::Pending,
            attempts: 0,
            note: None,
            next_attempt_at: Some(now),
        })
        .await?;
    ports.waker.wake();
    Ok(received)
}
