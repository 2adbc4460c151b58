//! The state of background jobs: due items, rescheduled items and leases.

use async_trait::async_trait;
use uuid::Uuid;

use super::StoreError;
use crate::jobs::Job;
use crate::payments::Channel;
use crate::values::Timestamp;

/// A query for due items of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DueQuery {
    /// The job.
    pub job: Job,
    /// The time by which the items were due.
    pub by: Timestamp,
    /// Now: items that are rescheduled to a later time are excluded.
    pub now: Timestamp,
    /// How many at most.
    pub limit: u32,
}

/// An item of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueItem {
    /// The id of an account, an order or a subscription.
    pub id: Uuid,
    /// The provider that has to be called for it, if any.
    pub channel: Option<Channel>,
    /// The number of consecutive failed attempts.
    pub attempts: u32,
}

/// An item that is excluded until its next attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RescheduledItem {
    /// The item.
    pub id: Uuid,
    /// The number of failed attempts.
    pub attempts: u32,
    /// The time of the next attempt.
    pub not_before: Timestamp,
    /// Why, for operators.
    pub note: String,
}

/// The exclusive right to run something for a limited time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The name of what is run.
    pub name: String,
    /// The process that runs it.
    pub holder: Uuid,
    /// The expiry, unless it is renewed.
    pub expires_at: Timestamp,
}

/// The state of background jobs.
#[async_trait]
pub trait JobStore: Send + Sync {
    /// The due items of a job, the longest overdue first, without rescheduled ones. Only ids are read, so that an
    /// unreadable row does not hide others.
    ///
    /// - [`Job::Expiry`]: accounts, not frozen, with a change due by `by`.
    /// - [`Job::Orders`]: pending orders, oldest first, without a known payment, whose checkout closed before `by`; an
    ///   order without a checkout counts as closed a day after its creation.
    /// - [`Job::Duplicates`]: duplicate subscriptions that are not refunded yet.
    /// - [`Job::Gifts`]: gift subscriptions that are stored as active and whose period is over at `by`.
    /// - [`Job::FreePlan`]: accounts without a subscription whose free month has ended by `by` or never started.
    /// - [`Job::Inbox`]: none; see [`Inbox::claim`](super::Inbox::claim).
    async fn due(&self, query: &DueQuery) -> Result<Vec<DueItem>, StoreError>;

    /// Stores the next attempts of items of `job`, replacing earlier ones, and deletes those that were due more than a
    /// week before `now`.
    async fn reschedule(
        &self,
        job: Job,
        items: Vec<RescheduledItem>,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// Deletes the failed attempts of an item.
    async fn clear_attempts(&self, job: Job, item: Uuid) -> Result<(), StoreError>;

    /// Acquires or renews a lease at `now`. Returns false if another holder has it and it has not expired.
    async fn acquire_lease(&self, lease: Lease, now: Timestamp) -> Result<bool, StoreError>;

    /// Releases a lease before it expires; changes nothing if `holder` does not have it.
    async fn release_lease(&self, name: &str, holder: Uuid) -> Result<(), StoreError>;
}
