//! Check-in, as methods of the facade.

use super::Billing;
use crate::BillingError;
use crate::accounts::ExternalId;
use crate::checkin::CheckInConfig;
use crate::use_cases::{self, CheckInState, CheckedIn};
use crate::values::RequestKey;

/// Check-in.
impl Billing {
    /// Gives today's credits, once a day; makes an account that nobody has seen. With a key it is safe to
    /// repeat: the first outcome is answered again.
    ///
    /// # Errors
    ///
    /// [`BillingError::CheckIn`] if today's were given, or check-in is off.
    pub async fn check_in(
        &self,
        account: &ExternalId,
        key: Option<&RequestKey>,
    ) -> Result<CheckedIn, BillingError> {
        use_cases::check_in::check_in(&self.ports, account, key).await
    }

    /// Where the account stands, with this month's calendar.
    ///
    /// # Errors
    ///
    /// [`BillingError::Store`]; may be tried again.
    pub async fn check_in_state(&self, account: &ExternalId) -> Result<CheckInState, BillingError> {
        use_cases::check_in::check_in_state(&self.ports, account).await
    }

    /// How check-in is set up.
    ///
    /// # Errors
    ///
    /// [`BillingError::Store`]; may be tried again.
    pub async fn check_in_config(&self) -> Result<CheckInConfig, BillingError> {
        Ok(self.ports.store.catalog.check_in_config().await?)
    }

    /// Sets check-in up.
    ///
    /// # Errors
    ///
    /// [`BillingError::Catalog`] names the field that is off.
    pub async fn set_check_in(&self, config: &CheckInConfig) -> Result<CheckInConfig, BillingError> {
        use_cases::set_check_in::set_check_in(&self.ports, config).await
    }
}
