//! What background jobs keep: which items are due, which are passed over for now, and who runs a job.

use async_trait::async_trait;
use uuid::Uuid;

use super::StoreError;
use crate::jobs::Job;
use crate::payments::Channel;
use crate::values::Timestamp;

/// Which items of a job are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DueQuery {
    /// The job.
    pub job: Job,
    /// The moment by which they were due.
    pub by: Timestamp,
    /// Now: items that are rescheduled to later than this are passed over.
    pub now: Timestamp,
    /// How many at most.
    pub limit: u32,
}

/// An item of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueItem {
    /// The id of an account, an order or a subscription.
    pub id: Uuid,
    /// The provider that has to be asked about it; none where nobody is.
    pub channel: Option<Channel>,
    /// How many attempts have failed since the last that did not.
    pub attempts: u32,
}

/// An item that is passed over for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RescheduledItem {
    /// The item.
    pub id: Uuid,
    /// How many attempts have failed.
    pub attempts: u32,
    /// Before this it is not due.
    pub not_before: Timestamp,
    /// Why, for operators.
    pub note: String,
}

/// The right to run something alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// What is run.
    pub name: String,
    /// Who runs it.
    pub holder: Uuid,
    /// Until when, unless it is renewed.
    pub expires_at: Timestamp,
}

/// What background jobs keep.
#[async_trait]
pub trait JobStore: Send + Sync {
    /// The items of a job that are due, the longest overdue first, without those that are rescheduled. Only ids are
    /// read, so that a row that cannot be read keeps no other from being found.
    ///
    /// - [`Job::Expiry`]: accounts, not frozen, on which time alone has something to do by `by`.
    /// - [`Job::Orders`]: pending orders, oldest first, of which no payment is known and whose checkout closed
    ///   before `by`; one that never had a checkout counts as closed a day after it was made.
    /// - [`Job::Duplicates`]: subscriptions that stand beside a live one and are not returned yet.
    /// - [`Job::Gifts`]: subscriptions that nobody collects for, that are kept as active, and whose period is over
    ///   at `by`.
    /// - [`Job::FreePlan`]: accounts without a subscription whose free month has ended by `by` or never began.
    /// - [`Job::Inbox`]: none; see [`Inbox::claim`](super::Inbox::claim).
    async fn due(&self, query: &DueQuery) -> Result<Vec<DueItem>, StoreError>;

    /// Keeps when items of `job` are due again, in place of what was kept of them before, and forgets items that
    /// were due again more than a week before `now`: nobody asks about them any more.
    async fn reschedule(
        &self,
        job: Job,
        items: Vec<RescheduledItem>,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// Forgets the failed attempts of an item.
    async fn clear_attempts(&self, job: Job, item: Uuid) -> Result<(), StoreError>;

    /// Takes or renews a lease at `now`. Says no if another holder has it and it has not expired.
    async fn acquire_lease(&self, lease: Lease, now: Timestamp) -> Result<bool, StoreError>;

    /// Gives a lease back before it expires; changes nothing if `holder` does not have it.
    async fn release_lease(&self, name: &str, holder: Uuid) -> Result<(), StoreError>;
}
