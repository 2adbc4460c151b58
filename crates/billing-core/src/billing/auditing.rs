//! Checking the ledger, as methods of the facade.

use super::Billing;
use crate::BillingError;
use crate::accounts::{Account, ExternalId};
use crate::ledger::audit::Lines;
use crate::ledger::{Checkpoint, DebtChange, Proof};
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

    /// Publishes a root over the accounts that went on since the last one; none if none did or nobody signs.
    ///
    /// # Errors
    ///
    /// [`BillingError::Store`]; may be tried again.
    pub async fn publish_checkpoint(&self) -> Result<Option<Checkpoint>, BillingError> {
        use_cases::publish_checkpoint::publish_checkpoint(&self.ports).await
    }

    /// What shows that the last root which covers the account covers it; none if none does yet.
    ///
    /// # Errors
    ///
    /// [`BillingError::AccountNotFound`]; [`BillingError::Store`] may be tried again.
    pub async fn prove(&self, name: &ExternalId) -> Result<Option<Proof>, BillingError> {
        use_cases::publish_checkpoint::prove(&self.ports, name).await
    }

    /// Up to `limit` of the account's entries after number `after`, with what they moved and owed; for whoever
    /// wants to check the chain by itself.
    ///
    /// # Errors
    ///
    /// [`BillingError::AccountNotFound`]; [`BillingError::Store`] may be tried again.
    pub async fn chain(
        &self,
        name: &ExternalId,
        after: i64,
        limit: u32,
    ) -> Result<(Lines, Vec<DebtChange>), BillingError> {
        let account = use_cases::ensure_account::account_id(&self.ports, name).await?;
        Ok(self.ports.audit.chain(account, after, limit).await?)
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
