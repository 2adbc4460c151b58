//! Reports of credits: methods of the facade.

use super::Billing;
use crate::BillingError;
use crate::accounts::ExternalId;
use crate::ledger::{Grant, Hold, UsageRecord};
use crate::ports::UsageFilter;
use crate::use_cases::{self, BalanceThen, CreditForecast, ExplainedEntry, ReadUsage, UsageSeries};
use crate::values::{EntryId, Page, PageRequest, Timestamp};

/// Reports of credits. An unknown account has empty ones.
impl Billing {
    /// The account's holds in their current state, newest first: the open ones, or all.
    ///
    /// # Errors
    ///
    /// [`BillingError::Invalid`] if the cursor belongs to another list; [`BillingError::Store`] is safe to retry.
    pub async fn holds(
        &self,
        account: &ExternalId,
        all: bool,
        page: &PageRequest,
    ) -> Result<Page<Hold>, BillingError> {
        use_cases::list_reserves::list_holds(&self.ports, account, all, page).await
    }

    /// The account's grants in their current state, newest first, live or not.
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
    /// [`BillingError::Ledger`] if the account has no such entry; [`BillingError::Store`] is safe to retry.
    pub async fn explain(&self, account: &ExternalId, id: EntryId) -> Result<ExplainedEntry, BillingError> {
        use_cases::explain_entry::explain_entry(&self.ports, account, id).await
    }

    /// The account's usage, summed up for a chart.
    ///
    /// # Errors
    ///
    /// [`BillingError::Invalid`] if the span is empty, or longer than 366 days; [`BillingError::Store`] is safe to
    /// retry.
    pub async fn usage(&self, account: &ExternalId, wanted: ReadUsage) -> Result<UsageSeries, BillingError> {
        use_cases::read_usage::read_usage(&self.ports, account, wanted).await
    }

    /// The account's usage records, including reversals, latest first by the time of the usage; each with the entry
    /// that took or returned its credits, if there is one.
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

    /// When the account's credits will run out at the mean rate of the last `days` (1 to 90), without further grants.
    ///
    /// # Errors
    ///
    /// [`BillingError::Invalid`] if there are too few or too many days; [`BillingError::Store`] is safe to retry.
    pub async fn forecast(&self, account: &ExternalId, days: u32) -> Result<CreditForecast, BillingError> {
        use_cases::read_usage::read_forecast(&self.ports, account, days).await
    }

    /// The account's balance at `as_of`; for a future time the balance after all changes due by then.
    ///
    /// # Errors
    ///
    /// [`BillingError::Store`]; safe to retry.
    pub async fn balance_then(
        &self,
        account: &ExternalId,
        as_of: Timestamp,
    ) -> Result<BalanceThen, BillingError> {
        use_cases::read_balance::read_balance_then(&self.ports, account, as_of).await
    }
}
