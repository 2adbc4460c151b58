//! Background work: methods of the facade.

use uuid::Uuid;

use super::Billing;
use crate::BillingError;
use crate::jobs::{Job, JobReport};
use crate::payments::Channel;
use crate::ports::{DueQuery, Health, Lease};
use crate::use_cases;
use crate::values::{RequestKey, Timestamp};

/// Background work.
impl Billing {
    /// Processes due items of a job, up to the job's bound; call again while it reports work.
    ///
    /// # Errors
    ///
    /// [`BillingError::Store`] if the store failed; completed work stays done.
    pub async fn run_due(&self, job: Job) -> Result<JobReport, BillingError> {
        match job {
            Job::Inbox => use_cases::run_inbox::run_inbox(&self.ports).await,
            Job::Orders => use_cases::expire_orders::expire_orders(&self.ports).await,
            Job::Duplicates => use_cases::refund_duplicates::refund_duplicates(&self.ports).await,
            Job::Gifts => use_cases::end_gifts::end_gifts(&self.ports).await,
            Job::FreePlan => use_cases::give_free_credits::give_free_credits(&self.ports).await,
            Job::Expiry => use_cases::pass_time::run_expiry(&self.ports).await,
        }
    }

    /// Whether [`run_due`](Self::run_due) has work. Always true for the inbox.
    ///
    /// # Errors
    ///
    /// [`BillingError::Store`] if the store failed.
    pub async fn has_due(&self, job: Job) -> Result<bool, BillingError> {
        let by = match job {
            Job::Inbox => return Ok(true),
            Job::FreePlan if use_cases::give_free_credits::plan(&self.ports).await?.is_none() => {
                return Ok(false);
            }
            Job::Orders => use_cases::expire_orders::closed_before(self.now()),
            _ => self.now(),
        };
        let query = DueQuery { job, by, now: self.now(), limit: 1 };
        Ok(!self.ports.store.jobs.due(&query).await?.is_empty())
    }

    /// Acquires or renews the lease of a job for `seconds`. Returns false if another holder has it.
    ///
    /// # Errors
    ///
    /// [`BillingError::Store`] if the store failed.
    pub async fn acquire_lease(&self, job: Job, holder: Uuid, seconds: i64) -> Result<bool, BillingError> {
        let now = self.now();
        let lease = Lease { name: job.to_string(), holder, expires_at: now.plus_seconds(seconds) };
        Ok(self.ports.store.jobs.acquire_lease(lease, now).await?)
    }

    /// Releases the lease of a job, so that another process may run it at once.
    ///
    /// # Errors
    ///
    /// [`BillingError::Store`] if the store failed; then the lease expires.
    pub async fn release_lease(&self, job: Job, holder: Uuid) -> Result<(), BillingError> {
        Ok(self.ports.store.jobs.release_lease(job.as_str(), holder).await?)
    }

    /// The health of the database.
    ///
    /// # Errors
    ///
    /// [`BillingError::Store`] if it does not respond.
    pub async fn health(&self) -> Result<Health, BillingError> {
        Ok(self.ports.store.writer.health().await?)
    }

    /// A key for a request without one: it names the posting's record, and matches no other request.
    pub fn fresh_key(&self) -> RequestKey {
        RequestKey::fresh(&*self.ports.ids)
    }

    /// A new UUID; for request ids and similar.
    pub fn fresh_uuid(&self) -> Uuid {
        self.ports.ids.next_uuid()
    }

    /// The current time, by the clock that all decisions use.
    pub fn now(&self) -> Timestamp {
        self.ports.clock.now()
    }

    /// The configured providers.
    pub fn channels(&self) -> Vec<Channel> {
        self.ports.providers.keys().copied().collect()
    }
}
