//! Credits, as methods of the facade.

use super::Billing;
use crate::BillingError;
use crate::accounts::ExternalId;
use crate::ledger::Entry;
use crate::use_cases::{self, AccountBalance, AdjustCredits, ListEntries, Spend, Spent};
use crate::values::Page;

/// Credits.
impl Billing {
    /// What the account can spend now. An account that nobody has seen reads as empty.
    ///
    /// # Errors
    ///
    /// [`BillingError::Store`]; may be tried again.
    pub async fn balance(&self, account: &ExternalId) -> Result<AccountBalance, BillingError> {
        use_cases::read_balance::read_balance(&self.ports, account).await
    }

    /// Takes credits from the grants that burn first, all or nothing. Safe to repeat with the same key.
    ///
    /// # Errors
    ///
    /// [`BillingError::AccountNotFound`]; [`BillingError::Ledger`] if the account cannot cover it: nothing
    /// was taken and the key is still free; [`BillingError::Store`]: repeat with the same key.
    pub async fn spend(&self, spend: Spend) -> Result<Spent, BillingError> {
        use_cases::spend_credits::spend_credits(&self.ports, spend).await
    }

    /// Gives or takes credits by hand. Safe to repeat with the same key.
    ///
    /// # Errors
    ///
    /// As [`spend`](Self::spend); giving makes an account that nobody has seen.
    pub async fn adjust(&self, adjustment: AdjustCredits) -> Result<Spent, BillingError> {
        use_cases::adjust_credits::adjust_credits(&self.ports, adjustment).await
    }

    /// Entries, newest first, each with its account's external id.
    ///
    /// # Errors
    ///
    /// [`BillingError::Invalid`] if the cursor is not of this list; [`BillingError::Store`]; may be tried
    /// again.
    pub async fn entries(&self, wanted: ListEntries) -> Result<Page<(ExternalId, Entry)>, BillingError> {
        use_cases::list_entries::list_entries(&self.ports, wanted).await
    }
}
