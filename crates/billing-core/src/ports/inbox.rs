//! Where providers' events wait.

use async_trait::async_trait;

use super::StoreError;
use crate::payments::Channel;
use crate::values::{InboxEventId, Timestamp};
use crate::webhooks::{Attempt, InboxEvent};

/// What became of an event that came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Received {
    /// It is stored now.
    New,
    /// It had been stored before.
    Duplicate,
}

/// Where providers' events wait until they are applied. Marking one as dealt with is part of
/// [`commit`](super::BillingStore::commit).
#[async_trait]
pub trait Inbox: Send + Sync {
    /// Stores `event`, unless the provider's event of that id is there: then nothing changes.
    async fn receive(&self, event: InboxEvent) -> Result<Received, StoreError>;

    /// Takes up to `limit` events that are due at `now`, longest waiting first, and keeps others from
    /// taking them before `leased_until`. No lock is held afterwards; whoever dies with an event loses it to
    /// the next one when the lease runs out. Each taking counts as a try.
    async fn claim(
        &self,
        now: Timestamp,
        leased_until: Timestamp,
        limit: u32,
    ) -> Result<Vec<InboxEvent>, StoreError>;

    /// Keeps how a try ended that did not succeed. An event that was dealt with meanwhile stays so.
    async fn record_attempt(&self, event: InboxEventId, attempt: Attempt) -> Result<(), StoreError>;

    /// One event, by the provider's id.
    async fn event(&self, channel: Channel, event_id: &str) -> Result<Option<InboxEvent>, StoreError>;
}
