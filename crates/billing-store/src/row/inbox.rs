//! Rows of the inbox.

use billing_core::ports::StoreError;
use billing_core::values::{InboxEventId, Timestamp};
use billing_core::webhooks::{InboxEvent, ListedEvent};

use super::read::{Reader, at};
use crate::entity::webhook_inbox::{Listed, Model};

/// The row of `event`.
pub(crate) fn inbox_model(event: InboxEvent) -> Model {
    Model {
        id: event.id.uuid(),
        channel: event.channel.to_string(),
        event_id: event.event_id,
        kind: event.kind,
        created_at: event.created_at.micros(),
        body: event.body,
        received_at: event.received_at.micros(),
        state: event.state.to_string(),
        attempts: i64::from(event.attempts),
        note: event.note,
        next_attempt_at: event.next_attempt_at.map(Timestamp::micros),
    }
}

pub(crate) fn read_inbox_event(row: Model) -> Result<InboxEvent, StoreError> {
    let read = Reader::new("webhook_inbox", row.id);
    Ok(InboxEvent {
        id: InboxEventId::from_uuid(row.id),
        channel: read.parse("channel", &row.channel)?,
        event_id: row.event_id,
        kind: row.kind,
        created_at: at(row.created_at),
        body: row.body,
        received_at: at(row.received_at),
        state: read.parse("state", &row.state)?,
        attempts: read.small("attempts", row.attempts)?,
        note: row.note,
        next_attempt_at: row.next_attempt_at.map(at),
    })
}

pub(crate) fn read_listed_event(row: Listed) -> Result<ListedEvent, StoreError> {
    let read = Reader::new("webhook_inbox", row.id);
    Ok(ListedEvent {
        id: InboxEventId::from_uuid(row.id),
        channel: read.parse("channel", &row.channel)?,
        event_id: row.event_id,
        kind: row.kind,
        created_at: at(row.created_at),
        received_at: at(row.received_at),
        state: read.parse("state", &row.state)?,
        attempts: read.small("attempts", row.attempts)?,
        note: row.note,
        next_attempt_at: row.next_attempt_at.map(at),
    })
}
