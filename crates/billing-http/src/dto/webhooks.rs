//! Providers' events, for operators.

use billing_core::webhooks::ListedEvent;
use serde::Serialize;
use utoipa::ToSchema;

/// An event that a provider has sent.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WebhookEventView {
    id: String,
    /// `stripe`, `creem`, `sandbox` …
    provider: String,
    /// The provider's id of the event.
    event_id: String,
    /// The provider's type of the event.
    #[serde(rename = "type")]
    kind: String,
    /// `pending`, `processed`, `ignored`, `needs_operator`, `failed`, `orphan` or `dead`.
    state: String,
    /// The last error, why it was ignored, or what somebody has to decide.
    note: Option<String>,
    attempts: u32,
    next_attempt_at: Option<String>,
    /// By the provider's clock.
    created_at: String,
    received_at: String,
}

impl From<ListedEvent> for WebhookEventView {
    fn from(event: ListedEvent) -> Self {
        Self {
            id: event.id.to_string(),
            provider: event.channel.to_string(),
            event_id: event.event_id,
            kind: event.kind,
            state: event.state.to_string(),
            note: event.note,
            attempts: event.attempts,
            next_attempt_at: event.next_attempt_at.map(|at| at.to_string()),
            created_at: event.created_at.to_string(),
            received_at: event.received_at.to_string(),
        }
    }
}
