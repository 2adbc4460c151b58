//! Running it, as methods of the facade.

use uuid::Uuid;

use super::Billing;
use crate::BillingError;
use crate::jobs::{Job, JobReport};
use crate::payments::Channel;
use crate::ports::{DueQuery, Health, Lease};
use crate::use_cases;
use crate::values::{RequestKey, Timestamp};

/// Running it.
impl Billing {
    /// Does what is due of a job, up to the job's bound; call again while it reports work.
    ///
    /// # Errors
    ///
    /// [`BillingError::Store`] if the store failed; what was done stays done.
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

    /// Whether [`run_due`](Self::run_due) has something to do. The inbox always may have.
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

    /// Takes or renews the lease of a job for `seconds`. Says no if another holder has it.
    ///
    /// # Errors
    ///
    /// [`BillingError::Store`] if the store failed.
    pub async fn acquire_lease(&self, job: Job, holder: Uuid, seconds: i64) -> Result<bool, BillingError> {
        let now = self.now();
        let lease = Lease { name: job.to_string(), holder, expires_at: now.plus_seconds(seconds) };
        Ok(self.ports.store.jobs.acquire_lease(lease, now).await?)
    }

    /// Gives the lease of a job back, so that another process may run it at once.
    ///
    /// # Errors
    ///
    /// [`BillingError::Store`] if the store failed; then the lease expires by itself.
    pub async fn release_lease(&self, job: Job, holder: Uuid) -> Result<(), BillingError> {
        Ok(self.ports.store.jobs.release_lease(job.as_str(), holder).await?)
    }

    /// How the database is.
    ///
    /// # Errors
    ///
    /// [`BillingError::Store`] if it does not answer.
    pub async fn health(&self) -> Result<Health, BillingError> {
        Ok(self.ports.store.writer.health().await?)
    }

    /// A key for a request whose caller sent none: it makes the posting's record, and repeats nothing.
    pub fn fresh_key(&self) -> RequestKey {
        RequestKey::fresh(&*self.ports.ids)
    }

    /// A UUID that was never handed out before; for request ids and the like.
    pub fn fresh_uuid(&self) -> Uuid {
        self.ports.ids.next_uuid()
    }

    /// What time it is, by the clock that every decision here goes by.
    pub fn now(&self) -> Timestamp {
        self.ports.clock.now()
    }

    /// The providers that are set up.
    pub fn channels(&self) -> Vec<Channel> {
        self.ports.providers.keys().copied().collect()
    }
}
