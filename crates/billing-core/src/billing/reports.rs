//! What people are shown of credits, as methods of the facade.

use super::Billing;
use crate::BillingError;
use crate::accounts::ExternalId;
use crate::ledger::{Grant, Hold, UsageRecord};
use crate::ports::UsageFilter;
use crate::use_cases::{self, BalanceThen, CreditForecast, ExplainedEntry, ReadUsage, UsageSeries};
use crate::values::{EntryId, Page, PageRequest, Timestamp};

/// What people are shown of credits. An account that nobody has seen reads as empty.
impl Billing {
    /// The account's holds as they are now, newest first: those that are open, or all.
    ///
    /// # Errors
    ///
    /// [`BillingError::Invalid`] if the cursor is not of this list; [`BillingError::Store`] may be tried again.
    pub async fn holds(
        &self,
        account: &ExternalId,
        all: bool,
        page: &PageRequest,
    ) -> Result<Page<Hold>, BillingError> {
        use_cases::list_reserves::list_holds(&self.ports, account, all, page).await
    }

    /// The account's grants as they are now, newest first, live or not.
    ///
    /// # Errors
    ///
    /// As [`holds`](Self::holds).
    pub async fn grants(
        &self,
        account: &ExternalId,
        page: &PageRequest,
    ) -> Result<Page<Grant>, BillingError> {
        use_cases::list_reserves::list_grants(&self.ports, account, page).await
    }

    /// Explains the account's entry with this id.
    ///
    /// # Errors
    ///
    /// [`BillingError::Ledger`] if the account has no such entry; [`BillingError::Store`] may be tried again.
    pub async fn explain(&self, account: &ExternalId, id: EntryId) -> Result<ExplainedEntry, BillingError> {
        use_cases::explain_entry::explain_entry(&self.ports, account, id).await
    }

    /// What the account spent, summed up for a chart.
    ///
    /// # Errors
    ///
    /// [`BillingError::Invalid`] if the span is none, or longer than 366 days; [`BillingError::Store`] may be
    /// tried again.
    pub async fn usage(&self, account: &ExternalId, wanted: ReadUsage) -> Result<UsageSeries, BillingError> {
        use_cases::read_usage::read_usage(&self.ports, account, wanted).await
    }

    /// The account's usage one by one, what gave it back included, the latest first by when it happened; each with the
    /// entry that took its credits or gave them back, if there is one.
    ///
    /// # Errors
    ///
    /// As [`holds`](Self::holds).
    pub async fn usages(
        &self,
        account: &ExternalId,
        filter: &UsageFilter,
        page: &PageRequest,
    ) -> Result<Page<(UsageRecord, Option<EntryId>)>, BillingError> {
        use_cases::list_usage::list_usages(&self.ports, account, filter, page).await
    }

    /// When the account's credits will be gone at the mean pace of the last `days` (1 to 90), if nothing else
    /// comes in.
    ///
    /// # Errors
    ///
    /// [`BillingError::Invalid`] if there are too few or too many days; [`BillingError::Store`] may be tried
    /// again.
    pub async fn forecast(&self, account: &ExternalId, days: u32) -> Result<CreditForecast, BillingError> {
        use_cases::read_usage::read_forecast(&self.ports, account, days).await
    }

    /// What the account had at `as_of`; or what it will have then, if nothing but time happens to it.
    ///
    /// # Errors
    ///
    /// [`BillingError::Store`]; may be tried again.
    pub async fn balance_then(
        &self,
        account: &ExternalId,
        as_of: Timestamp,
    ) -> Result<BalanceThen, BillingError> {
        use_cases::read_balance::read_balance_then(&self.ports, account, as_of).await
    }
}
