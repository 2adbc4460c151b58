//! Running it, as methods of the facade.

use super::{Billing, Job};
use crate::BillingError;
use crate::payments::Channel;
use crate::ports::Health;
use crate::use_cases::{self, JobReport};
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
            Job::Superfluous => use_cases::return_superfluous::return_superfluous(&self.ports).await,
            Job::Gifts => use_cases::end_gifts::end_gifts(&self.ports).await,
            Job::FreePlan => use_cases::give_free_credits::give_free_credits(&self.ports).await,
            Job::Expiry => use_cases::pass_time::run_expiry(&self.ports).await,
        }
    }

    /// How the database is.
    ///
    /// # Errors
    ///
    /// [`BillingError::Store`] if it does not answer.
    pub async fn health(&self) -> Result<Health, BillingError> {
        Ok(self.ports.store.health().await?)
    }

    /// A key for a request whose caller sent none: it makes the posting's record, and repeats nothing.
    pub fn fresh_key(&self) -> RequestKey {
        RequestKey::fresh(&*self.ports.ids)
    }

    /// A UUID that was never handed out before; for request ids and the like.
    pub fn fresh_uuid(&self) -> uuid::Uuid {
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
