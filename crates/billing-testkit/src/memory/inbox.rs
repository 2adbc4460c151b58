//! The webhook inbox.

use async_trait::async_trait;
use billing_core::payments::Channel;
use billing_core::ports::{Inbox, Received, StoreError};
use billing_core::values::{Cursor, InboxEventId, Page, PageRequest, Timestamp};
use billing_core::webhooks::{Attempt, InboxEvent, InboxState, ListedEvent};

use super::MemoryStore;
use super::paging::page;

#[async_trait]
impl Inbox for MemoryStore {
    async fn receive(&self, event: InboxEvent) -> Result<Received, StoreError> {
        let mut state = self.lock();
        state.failure()?;
        let mut known = state.cold.inbox.values();
        if known.any(|known| known.channel == event.channel && known.event_id == event.event_id) {
            return Ok(Received::Duplicate);
        }
        state.cold.inbox.insert(event.id, event);
        Ok(Received::New)
    }

    async fn claim(
        &self,
        now: Timestamp,
        leased_until: Timestamp,
        limit: u32,
    ) -> Result<Vec<InboxEvent>, StoreError> {
        let mut state = self.lock();
        let mut due: Vec<_> = state.cold.inbox.values_mut().filter(|event| is_due(event, now)).collect();
        due.sort_by_key(|event| (event.next_attempt_at, event.received_at, event.id));
        due.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        let take = |event: &mut InboxEvent| {
            event.next_attempt_at = Some(leased_until);
            event.attempts = event.attempts.saturating_add(1);
            event.clone()
        };
        Ok(due.into_iter().map(take).collect())
    }

    async fn record_attempt(&self, event: InboxEventId, attempt: Attempt) -> Result<(), StoreError> {
        let mut state = self.lock();
        let known = state.cold.inbox.get_mut(&event);
        let open = known.filter(|known| !known.state.is_handled());
        if let Some(open) = open {
            open.state = attempt.state;
            open.note = Some(attempt.note);
            open.next_attempt_at = attempt.next_attempt_at;
        }
        Ok(())
    }

    async fn event(&self, channel: Channel, event_id: &str) -> Result<Option<InboxEvent>, StoreError> {
        let state = self.lock();
        let mut all = state.cold.inbox.values();
        Ok(all.find(|event| event.channel == channel && event.event_id == event_id).cloned())
    }

    async fn events(
        &self,
        wanted: Option<InboxState>,
        wanted_page: &PageRequest,
    ) -> Result<Page<ListedEvent>, StoreError> {
        let state = self.lock();
        let fits = |event: &&InboxEvent| wanted.is_none_or(|wanted| event.state == wanted);
        let newest_first = state.cold.inbox.values().rev().filter(fits).map(listed);
        page(newest_first, wanted_page, Cursor::id, |event| event.id, Cursor::of_id)
    }
}

fn is_due(event: &InboxEvent, now: Timestamp) -> bool {
    let waits = matches!(event.state, InboxState::Pending | InboxState::Failed | InboxState::Orphan);
    waits && event.next_attempt_at.is_some_and(|at| at <= now)
}

fn listed(event: &InboxEvent) -> ListedEvent {
    let event = event.clone();
    ListedEvent {
        id: event.id,
        channel: event.channel,
        event_id: event.event_id,
        kind: event.kind,
        created_at: event.created_at,
        received_at: event.received_at,
        state: event.state,
        attempts: event.attempts,
        note: event.note,
        next_attempt_at: event.next_attempt_at,
    }
}
