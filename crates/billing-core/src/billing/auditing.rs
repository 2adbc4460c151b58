//! Checking the ledger, as methods of the facade.

use super::Billing;
use crate::BillingError;
use crate::accounts::{Account, ExternalId};
use crate::use_cases::{self, LedgerReport, VerifyLedger};

/// Checking the ledger.
impl Billing {
    /// Checks up to `limit` accounts against everything that must always hold. Call again with the report's
    /// last account while there is one.
    ///
    /// # Errors
    ///
    /// [`BillingError::Store`]; may be tried again.
    pub async fn verify_ledger(&self, ask: VerifyLedger) -> Result<LedgerReport, BillingError> {
        use_cases::verify_ledger::verify_ledger(&self.ports, ask).await
    }

    /// Checks one account from its first entry on; with `freeze` nothing moves there if something is wrong.
    ///
    /// # Errors
    ///
    /// [`BillingError::AccountNotFound`]; [`BillingError::Store`] may be tried again.
    pub async fn verify_account(
        &self,
        name: &ExternalId,
        freeze: bool,
    ) -> Result<LedgerReport, BillingError> {
        use_cases::verify_ledger::verify_account(&self.ports, name, freeze).await
    }

    /// Lets a frozen account move again.
    ///
    /// # Errors
    ///
    /// [`BillingError::AccountNotFound`]; [`BillingError::Store`] may be tried again.
    pub async fn thaw_account(&self, name: &ExternalId) -> Result<Account, BillingError> {
        use_cases::verify_ledger::thaw_account(&self.ports, name).await
    }

    /// How many accounts there are.
    ///
    /// # Errors
    ///
    /// [`BillingError::Store`]; may be tried again.
    pub async fn count_accounts(&self) -> Result<u64, BillingError> {
        Ok(self.ports.audit.count_accounts().await?)
    }
}
