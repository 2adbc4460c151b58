//! Events in the inbox.

use billing_core::payments::Channel;
use billing_core::values::{IdSource, InboxEventId};
use billing_core::webhooks::{InboxEvent, InboxState};

use super::noon;

/// An event that was received at noon and not attempted yet.
pub fn an_event(event_id: &str, ids: &dyn IdSource) -> InboxEvent {
    InboxEvent {
        id: InboxEventId::new(ids),
        channel: Channel::named("stripe"),
        event_id: event_id.to_owned(),
        kind: "checkout.session.completed".to_owned(),
        created_at: noon().plus_seconds(-2),
        body: format!("{{\"id\":\"{event_id}\"}}").into_bytes(),
        received_at: noon(),
        state: InboxState::Pending,
        attempts: 0,
        note: None,
        next_attempt_at: Some(noon()),
    }
}
