//! Holds, as methods of the facade.

use super::Billing;
use crate::BillingError;
use crate::accounts::ExternalId;
use crate::ledger::{Capture, Hold, Refusal};
use crate::ports::{AccountRef, StoreError};
use crate::use_cases::{self, HoldChanged, HoldCredits, LedgerRequest, RaiseHold, SettleHold};
use crate::values::{AccountId, EntryId, HoldId, Page, PageRequest, UsageId};

/// Holds.
impl Billing {
    /// Sets credits aside. Safe to repeat with the same key.
    ///
    /// # Errors
    ///
    /// As [`spend`](Self::spend).
    pub async fn hold(&self, hold: HoldCredits) -> Result<HoldChanged, BillingError> {
        use_cases::settle_holds::hold_credits(&self.ports, hold).await
    }

    /// Settles a hold, in part or in full. Safe to repeat with the same key.
    ///
    /// # Errors
    ///
    /// As [`spend`](Self::spend); [`BillingError::Ledger`] also if there is no such hold or it has ended.
    pub async fn capture(&self, settle: SettleHold) -> Result<HoldChanged, BillingError> {
        use_cases::settle_holds::capture_hold(&self.ports, settle).await
    }

    /// Lets go of what a hold still sets aside. Safe to repeat with the same key.
    ///
    /// # Errors
    ///
    /// As [`capture`](Self::capture).
    pub async fn release(&self, request: LedgerRequest, hold: HoldId) -> Result<HoldChanged, BillingError> {
        use_cases::settle_holds::release_hold(&self.ports, request, hold).await
    }

    /// Lets a hold live for so many seconds from now, or set more aside. Safe to repeat with the same key.
    ///
    /// # Errors
    ///
    /// As [`capture`](Self::capture).
    pub async fn raise_hold(&self, raise: RaiseHold) -> Result<HoldChanged, BillingError> {
        use_cases::settle_holds::raise_hold(&self.ports, raise).await
    }

    /// What was captured from the account's hold with this id, newest first.
    ///
    /// # Errors
    ///
    /// [`BillingError::Ledger`] if the account has no such hold; [`BillingError::Invalid`] if the cursor is not of this
    /// list; [`BillingError::Store`] may be tried again.
    pub async fn captures(
        &self,
        account: &ExternalId,
        hold: HoldId,
        page: &PageRequest,
    ) -> Result<Page<Capture>, BillingError> {
        let hold = self.hold_of(account, hold).await?;
        use_cases::list_usage::list_captures(&self.ports, &hold, page).await
    }

    /// The account's hold with this id, as it is now.
    ///
    /// # Errors
    ///
    /// [`BillingError::Ledger`] if the account has no such hold; [`BillingError::Store`] may be tried again.
    pub async fn hold_of(&self, account: &ExternalId, id: HoldId) -> Result<Hold, BillingError> {
        let unknown = Refusal::UnknownHold { hold: id };
        let account = use_cases::ensure_account::account_id(&self.ports, account).await?;
        let hold = self.ports.store.ledger_reads.hold(id).await?.filter(|hold| hold.account == account);
        Ok(hold.ok_or(unknown)?.as_of(self.now()))
    }

    /// Whose usage it is.
    ///
    /// # Errors
    ///
    /// [`BillingError::Ledger`] if there is no such usage; [`BillingError::Store`] may be tried again.
    pub async fn owner_of_usage(&self, id: UsageId) -> Result<ExternalId, BillingError> {
        let usage = self.ports.store.ledger_reads.usage_record(id).await?;
        let usage = usage.ok_or(Refusal::UnknownUsage { usage: id })?;
        self.name_of(usage.account).await
    }

    /// Whose hold it is.
    ///
    /// # Errors
    ///
    /// [`BillingError::Ledger`] if there is no such hold; [`BillingError::Store`] may be tried again.
    pub async fn owner_of_hold(&self, id: HoldId) -> Result<ExternalId, BillingError> {
        let hold = self.ports.store.ledger_reads.hold(id).await?.ok_or(Refusal::UnknownHold { hold: id })?;
        self.name_of(hold.account).await
    }

    /// Whose entry it is.
    ///
    /// # Errors
    ///
    /// [`BillingError::Ledger`] if there is no such entry; [`BillingError::Store`] may be tried again.
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
