//! Holds: methods of the facade.

use super::Billing;
use crate::BillingError;
use crate::accounts::ExternalId;
use crate::ledger::{Capture, Hold, Refusal};
use crate::ports::{AccountRef, StoreError};
use crate::use_cases::{self, HoldChanged, HoldCredits, LedgerRequest, RaiseHold, SettleHold};
use crate::values::{AccountId, EntryId, HoldId, Page, PageRequest, UsageId};

/// Holds.
impl Billing {
    /// Places a hold. Idempotent by its key.
    ///
    /// # Errors
    ///
    /// As [`spend`](Self::spend).
    pub async fn hold(&self, hold: HoldCredits) -> Result<HoldChanged, BillingError> {
        use_cases::settle_holds::hold_credits(&self.ports, hold).await
    }

    /// Captures a hold, in part or in full. Idempotent by its key.
    ///
    /// # Errors
    ///
    /// As [`spend`](Self::spend); [`BillingError::Ledger`] also if the hold is unknown or has ended.
    pub async fn capture(&self, settle: SettleHold) -> Result<HoldChanged, BillingError> {
        use_cases::settle_holds::capture_hold(&self.ports, settle).await
    }

    /// Releases the rest of a hold. Idempotent by its key.
    ///
    /// # Errors
    ///
    /// As [`capture`](Self::capture).
    pub async fn release(&self, request: LedgerRequest, hold: HoldId) -> Result<HoldChanged, BillingError> {
        use_cases::settle_holds::release_hold(&self.ports, request, hold).await
    }

    /// Sets a hold's expiry to this many seconds from now, or raises its amount. Idempotent by its key.
    ///
    /// # Errors
    ///
    /// As [`capture`](Self::capture).
    pub async fn raise_hold(&self, raise: RaiseHold) -> Result<HoldChanged, BillingError> {
        use_cases::settle_holds::raise_hold(&self.ports, raise).await
    }

    /// The captures of the account's hold with this id, newest first.
    ///
    /// # Errors
    ///
    /// [`BillingError::Ledger`] if the account has no such hold; [`BillingError::Invalid`] if the cursor belongs to
    /// another list; [`BillingError::Store`] is safe to retry.
    pub async fn captures(
        &self,
        account: &ExternalId,
        hold: HoldId,
        page: &PageRequest,
    ) -> Result<Page<Capture>, BillingError> {
        let hold = self.hold_of(account, hold).await?;
        use_cases::list_usage::list_captures(&self.ports, &hold, page).await
    }

    /// The account's hold with this id, in its current state.
    ///
    /// # Errors
    ///
    /// [`BillingError::Ledger`] if the account has no such hold; [`BillingError::Store`] is safe to retry.
    pub async fn hold_of(&self, account: &ExternalId, id: HoldId) -> Result<Hold, BillingError> {
        let unknown = Refusal::UnknownHold { hold: id };
        let account = use_cases::ensure_account::account_id(&self.ports, account).await?;
        let hold = self.ports.store.ledger_reads.hold(id).await?.filter(|hold| hold.account == account);
        Ok(hold.ok_or(unknown)?.as_of(self.now()))
    }

    /// The external id of the account of a usage.
    ///
    /// # Errors
    ///
    /// [`BillingError::Ledger`] if the usage is unknown; [`BillingError::Store`] is safe to retry.
    pub async fn owner_of_usage(&self, id: UsageId) -> Result<ExternalId, BillingError> {
        let usage = self.ports.store.ledger_reads.usage_record(id).await?;
        let usage = usage.ok_or(Refusal::UnknownUsage { usage: id })?;
        self.name_of(usage.account).await
    }

    /// The external id of the account of a hold.
    ///
    /// # Errors
    ///
    /// [`BillingError::Ledger`] if the hold is unknown; [`BillingError::Store`] is safe to retry.
    pub async fn owner_of_hold(&self, id: HoldId) -> Result<ExternalId, BillingError> {
        let hold = self.ports.store.ledger_reads.hold(id).await?.ok_or(Refusal::UnknownHold { hold: id })?;
        self.name_of(hold.account).await
    }

    /// The external id of the account of an entry.
    ///
    /// # Errors
    ///
    /// [`BillingError::Ledger`] if the entry is unknown; [`BillingError::Store`] is safe to retry.
    pub async fn owner_of_entry(&self, id: EntryId) -> Result<ExternalId, BillingError> {
        let entry =
            self.ports.store.ledger_reads.entry(id).await?.ok_or(Refusal::UnknownEntry { entry: id })?;
        self.name_of(entry.account).await
    }

    async fn name_of(&self, account: AccountId) -> Result<ExternalId, BillingError> {
        let found = self.ports.store.billing.account(AccountRef::Id(account)).await?;
        let lost = || StoreError::Corrupt(format!("{account} has a ledger and no account"));
        Ok(found.ok_or_else(lost)?.external_id)
    }
}
