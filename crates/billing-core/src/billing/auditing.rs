//! Audits: methods of the facade.

use uuid::Uuid;

use super::Billing;
use crate::BillingError;
use crate::accounts::{Account, ExternalId};
use crate::ledger::audit::ChainPart;
use crate::ledger::{Checkpoint, Proof};
use crate::use_cases::{
    self, CheckpointReport, HistoryReport, LedgerReport, VerifyCheckpoints, VerifyLedger,
};

/// Audits of the ledger.
impl Billing {
    /// Audits up to `limit` accounts. Call again with the report's last account while there is one.
    ///
    /// # Errors
    ///
    /// [`BillingError::Store`]; safe to retry.
    pub async fn verify_ledger(&self, ask: VerifyLedger) -> Result<LedgerReport, BillingError> {
        use_cases::verify_ledger::verify_ledger(&self.ports, ask).await
    }

    /// Verifies some checkpoints against their signatures, their heads and their copies outside. Call again with the
    /// report's last checkpoint while there is one.
    ///
    /// # Errors
    ///
    /// [`BillingError::Store`]; safe to retry.
    pub async fn verify_checkpoints(&self, ask: VerifyCheckpoints) -> Result<CheckpointReport, BillingError> {
        use_cases::verify_checkpoints::verify_checkpoints(&self.ports, ask).await
    }

    /// Audits the next piece of the whole history, if it is due and no process other than `holder` does; the whole
    /// takes `days` days at most. Accounts with violations are frozen.
    ///
    /// # Errors
    ///
    /// [`BillingError::Store`]; the piece is done again.
    pub async fn audit_history(
        &self,
        holder: Uuid,
        days: u32,
    ) -> Result<Option<HistoryReport>, BillingError> {
        use_cases::audit_history::audit_history(&self.ports, holder, days).await
    }

    /// Audits one account from its first entry on; with `freeze` it is frozen if there is a violation.
    ///
    /// # Errors
    ///
    /// [`BillingError::AccountNotFound`]; [`BillingError::Store`] is safe to retry.
    pub async fn verify_account(
        &self,
        name: &ExternalId,
        freeze: bool,
    ) -> Result<LedgerReport, BillingError> {
        use_cases::verify_ledger::verify_account(&self.ports, name, freeze).await
    }

    /// Unfreezes an account.
    ///
    /// # Errors
    ///
    /// [`BillingError::AccountNotFound`]; [`BillingError::Store`] is safe to retry.
    pub async fn thaw_account(&self, name: &ExternalId) -> Result<Account, BillingError> {
        use_cases::verify_ledger::thaw_account(&self.ports, name).await
    }

    /// Publishes a checkpoint over the accounts that changed since the last one; none if none did or there is no
    /// signer.
    ///
    /// # Errors
    ///
    /// [`BillingError::Store`]; safe to retry.
    pub async fn publish_checkpoint(&self) -> Result<Option<Checkpoint>, BillingError> {
        use_cases::publish_checkpoint::publish_checkpoint(&self.ports).await
    }

    /// The last checkpoint.
    ///
    /// # Errors
    ///
    /// [`BillingError::Store`]; safe to retry.
    pub async fn last_checkpoint(&self) -> Result<Option<Checkpoint>, BillingError> {
        Ok(self.ports.store.checkpoints.last_checkpoint().await?)
    }

    /// The inclusion proof of the account in the last checkpoint that covers it; none if none does yet.
    ///
    /// # Errors
    ///
    /// [`BillingError::AccountNotFound`]; [`BillingError::Store`] is safe to retry.
    pub async fn prove(&self, name: &ExternalId) -> Result<Option<Proof>, BillingError> {
        use_cases::publish_checkpoint::prove(&self.ports, name).await
    }

    /// Up to `limit` of the account's entries after number `after`, with everything that their hashes cover; for
    /// verifying the chain independently.
    ///
    /// # Errors
    ///
    /// [`BillingError::AccountNotFound`]; [`BillingError::Store`] is safe to retry.
    pub async fn chain(&self, name: &ExternalId, after: i64, limit: u32) -> Result<ChainPart, BillingError> {
        let account = use_cases::ensure_account::account_id(&self.ports, name).await?;
        Ok(self.ports.store.audit.chain(account, after, limit).await?)
    }

    /// The number of accounts.
    ///
    /// # Errors
    ///
    /// [`BillingError::Store`]; safe to retry.
    pub async fn count_accounts(&self) -> Result<u64, BillingError> {
        Ok(self.ports.store.audit.count_accounts().await?)
    }
}
