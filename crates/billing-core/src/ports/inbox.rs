//! The durable webhook inbox.

use async_trait::async_trait;

use super::StoreError;
use crate::payments::Channel;
use crate::values::{InboxEventId, Page, PageRequest, Timestamp};
use crate::webhooks::{Attempt, InboxEvent, InboxState, ListedEvent};

/// The result of receiving an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Received {
    /// The event was stored.
    New,
    /// The event had been stored before.
    Duplicate,
}

/// The durable inbox of provider events until they are applied. Marking one as processed is part of
/// [`commit`](super::BillingStore::commit).
#[async_trait]
pub trait Inbox: Send + Sync {
    /// Stores `event`. Changes nothing if the provider's event of that id is stored already.
    async fn receive(&self, event: InboxEvent) -> Result<Received, StoreError>;

    /// Claims up to `limit` events that are due at `now`, longest waiting first, with a lease until `leased_until`. No
    /// lock is held afterwards; the lease of a crashed worker expires. Each claim counts as an attempt.
    async fn claim(
        &self,
        now: Timestamp,
        leased_until: Timestamp,
        limit: u32,
    ) -> Result<Vec<InboxEvent>, StoreError>;

    /// Records a failed attempt. An event that was processed meanwhile stays processed.
    async fn record_attempt(&self, event: InboxEventId, attempt: Attempt) -> Result<(), StoreError>;

    /// One event, by the provider's id.
    async fn event(&self, channel: Channel, event_id: &str) -> Result<Option<InboxEvent>, StoreError>;

    /// The events, or those in one state, newest first by id. Cursors are
    /// [`Cursor::of_id`](crate::values::Cursor::of_id).
    ///
    /// # Errors
    ///
    /// [`StoreError::Corrupt`] if the cursor has another form; callers validate it first.
    async fn events(
        &self,
        state: Option<InboxState>,
        page: &PageRequest,
    ) -> Result<Page<ListedEvent>, StoreError>;
}
