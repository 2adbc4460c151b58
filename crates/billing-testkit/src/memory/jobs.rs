//! The state of background jobs.

use std::collections::BTreeMap;

use async_trait::async_trait;
use billing_core::accounts::Account;
use billing_core::jobs::Job;
use billing_core::orders::{Order, OrderStatus};
use billing_core::payments::Channel;
use billing_core::ports::{DueItem, DueQuery, JobStore, Lease, RescheduledItem, StoreError};
use billing_core::subscriptions::{Subscription, SubscriptionRole, SubscriptionStatus};
use billing_core::values::Timestamp;
use uuid::Uuid;

use super::MemoryStore;
use super::store::State;

/// Rescheduled items and leases.
#[derive(Default)]
pub(super) struct Jobs {
    retries: BTreeMap<(Job, Uuid), RescheduledItem>,
    leases: BTreeMap<String, Lease>,
}

/// An item by its due time, with its provider.
type Found = (Option<Timestamp>, Uuid, Option<Channel>);

#[async_trait]
impl JobStore for MemoryStore {
    async fn due(&self, query: &DueQuery) -> Result<Vec<DueItem>, StoreError> {
        let state = self.lock();
        let mut found = match query.job {
            Job::Inbox => Vec::new(),
            Job::Expiry => expiring(&state, query.by),
            Job::Orders => unpaid(&state, query.by),
            Job::Duplicates => duplicate(&state),
            Job::Gifts => gifts_over(&state, query.by),
            Job::FreePlan => without_free_month(&state, query.by),
        };
        found.sort_unstable();
        let items = found.into_iter().filter_map(|(_, id, channel)| {
            let kept = state.jobs.retries.get(&(query.job, id));
            let waits = kept.is_some_and(|kept| kept.not_before > query.now);
            (!waits).then(|| DueItem { id, channel, attempts: kept.map_or(0, |kept| kept.attempts) })
        });
        Ok(items.take(usize::try_from(query.limit).unwrap_or(usize::MAX)).collect())
    }

    async fn reschedule(
        &self,
        job: Job,
        items: Vec<RescheduledItem>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut state = self.lock();
        state.failure()?;
        for item in items {
            state.jobs.retries.insert((job, item.id), item);
        }
        let old = now.plus_days(-7);
        state.jobs.retries.retain(|(of, _), kept| *of != job || kept.not_before >= old);
        Ok(())
    }

    async fn clear_attempts(&self, job: Job, item: Uuid) -> Result<(), StoreError> {
        self.lock().jobs.retries.remove(&(job, item));
        Ok(())
    }

    async fn acquire_lease(&self, lease: Lease, now: Timestamp) -> Result<bool, StoreError> {
        let mut state = self.lock();
        let held = state.jobs.leases.get(&lease.name);
        if held.is_some_and(|held| held.holder != lease.holder && held.expires_at > now) {
            return Ok(false);
        }
        state.jobs.leases.insert(lease.name.clone(), lease);
        Ok(true)
    }

    async fn release_lease(&self, name: &str, holder: Uuid) -> Result<(), StoreError> {
        self.lock().jobs.leases.retain(|held, lease| held != name || lease.holder != holder);
        Ok(())
    }
}

fn expiring(state: &State, by: Timestamp) -> Vec<Found> {
    let ledgers = state.ledgers.by_account.values().filter(|ledger| !ledger.balance.frozen);
    let due = ledgers.map(|ledger| (ledger.balance.next_change_at, ledger.balance.account.uuid(), None));
    due.filter(|(at, ..)| at.is_some_and(|at| at <= by)).collect()
}

fn unpaid(state: &State, by: Timestamp) -> Vec<Found> {
    let closed_at = |order: &Order| match &order.session {
        Some(session) => session.expires_at,
        None => order.created_at.plus_days(1),
    };
    let unpaid = |order: &&Order| {
        order.status == OrderStatus::Pending
            && order.refs.payment.is_none()
            && order.refs.subscription.is_none()
            && closed_at(order) < by
    };
    let orders = state.cold.orders.values().filter(unpaid);
    orders.map(|order| (Some(closed_at(order)), order.id.uuid(), Some(order.channel))).collect()
}

fn duplicate(state: &State) -> Vec<Found> {
    let all = state.cold.subscriptions.values().filter(|known| known.role == SubscriptionRole::Duplicate);
    all.map(|known| (None, known.id.uuid(), Some(known.channel))).collect()
}

fn gifts_over(state: &State, by: Timestamp) -> Vec<Found> {
    let active = |known: &&Subscription| known.is_given() && known.status == SubscriptionStatus::Active;
    let ends = state.cold.subscriptions.values().filter(active);
    let ends = ends.map(|known| (known.period.map(|period| period.end), known.id.uuid(), None));
    ends.filter(|(end, ..)| end.is_some_and(|end| end <= by)).collect()
}

fn without_free_month(state: &State, by: Timestamp) -> Vec<Found> {
    let due = |account: &&Account| {
        account.active_subscription.is_none() && account.free_until.is_none_or(|until| until <= by)
    };
    let accounts = state.cold.accounts.values().filter(due);
    accounts.map(|account| (account.free_until, account.id.uuid(), None)).collect()
}
