//! Check-in: methods of the facade.

use super::Billing;
use crate::BillingError;
use crate::accounts::ExternalId;
use crate::checkin::CheckInConfig;
use crate::use_cases::{self, CheckInState, CheckedIn};
use crate::values::RequestKey;

/// Check-in.
impl Billing {
    /// Grants today's credits, once a day; creates the account if it is unknown. Idempotent with a key: the first
    /// outcome is answered again.
    ///
    /// # Errors
    ///
    /// [`BillingError::CheckIn`] if today's were granted, or check-in is disabled.
    pub async fn check_in(
        &self,
        account: &ExternalId,
        key: Option<&RequestKey>,
    ) -> Result<CheckedIn, BillingError> {
        use_cases::check_in::check_in(&self.ports, account, key).await
    }

    /// The account's check-in status, with this month's calendar.
    ///
    /// # Errors
    ///
    /// [`BillingError::Store`]; safe to retry.
    pub async fn check_in_state(&self, account: &ExternalId) -> Result<CheckInState, BillingError> {
        use_cases::check_in::check_in_state(&self.ports, account).await
    }

    /// The check-in configuration.
    ///
    /// # Errors
    ///
    /// [`BillingError::Store`]; safe to retry.
    pub async fn check_in_config(&self) -> Result<CheckInConfig, BillingError> {
        Ok(self.ports.store.catalog.check_in_config().await?)
    }

    /// Sets the check-in configuration.
    ///
    /// # Errors
    ///
    /// [`BillingError::Catalog`] names the invalid field.
    pub async fn set_check_in(&self, config: &CheckInConfig) -> Result<CheckInConfig, BillingError> {
        use_cases::set_check_in::set_check_in(&self.ports, config).await
    }
}
