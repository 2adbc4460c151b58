//! Credits: methods of the facade.

use super::Billing;
use crate::BillingError;
use crate::accounts::ExternalId;
use crate::ledger::{Entry, Grant};
use crate::use_cases::{
    self, AccountBalance, AdjustCredits, Amount, ChangeGrant, CreditCheck, GiveCredits, Given, ImportCredits,
    ImportReport, ListEntries, Reverse, Reversed, Spend, Spent,
};
use crate::values::{Page, RequestKey};

/// Credits.
impl Billing {
    /// The account's current balance. An unknown account has an empty one.
    ///
    /// # Errors
    ///
    /// [`BillingError::Store`]; safe to retry.
    pub async fn balance(&self, account: &ExternalId) -> Result<AccountBalance, BillingError> {
        use_cases::read_balance::read_balance(&self.ports, account).await
    }

    /// Takes credits in burn order, all or nothing. Idempotent by its key.
    ///
    /// # Errors
    ///
    /// [`BillingError::AccountNotFound`]; [`BillingError::Ledger`] if the account cannot cover it: nothing was taken
    /// and the key is unused; [`BillingError::Store`]: retry with the same key.
    pub async fn spend(&self, spend: Spend) -> Result<Spent, BillingError> {
        use_cases::spend_credits::spend_credits(&self.ports, spend).await
    }

    /// Takes credits for each of up to 1,000 independent spends, and returns one outcome each, in order. Idempotent as
    /// a whole by its key.
    ///
    /// # Errors
    ///
    /// [`BillingError::Invalid`] if there are none or too many; [`BillingError::Store`]: retry with the same key.
    /// Refusals are outcomes.
    pub async fn spend_many(
        &self,
        key: &RequestKey,
        spends: Vec<Spend>,
    ) -> Result<Vec<Result<Spent, BillingError>>, BillingError> {
        use_cases::spend_credits::spend_many(&self.ports, key, spends).await
    }

    /// Whether the account could cover this amount now. It guarantees nothing; a hold does.
    ///
    /// # Errors
    ///
    /// [`BillingError::AccountNotFound`], [`BillingError::Rating`]; [`BillingError::Store`] is safe to retry.
    pub async fn check(&self, account: &ExternalId, how_much: &Amount) -> Result<CreditCheck, BillingError> {
        use_cases::check_credits::check_credits(&self.ports, account, how_much).await
    }

    /// Grants credits. Idempotent by its key; creates the account if it is unknown.
    ///
    /// # Errors
    ///
    /// [`BillingError::Ledger`] if the ledger refused; [`BillingError::Store`]: retry with the same key.
    pub async fn give(&self, ask: GiveCredits) -> Result<Given, BillingError> {
        use_cases::give_credits::give_credits(&self.ports, ask).await
    }

    /// Grants credits to many accounts, row by row. Idempotent: each row has its own key.
    ///
    /// # Errors
    ///
    /// [`BillingError::Invalid`] if there are no or more than 10,000 rows; [`BillingError::Store`]: retry the same
    /// rows. Refusals are outcomes.
    pub async fn import(&self, ask: ImportCredits) -> Result<ImportReport, BillingError> {
        use_cases::import_credits::import_credits(&self.ports, ask).await
    }

    /// Reverses a spend, to the grants it drew on. Idempotent by its key.
    ///
    /// # Errors
    ///
    /// [`BillingError::Ledger`] if it is no spend of the account, or less of it is left to reverse.
    pub async fn reverse(&self, ask: Reverse) -> Result<Reversed, BillingError> {
        use_cases::reverse_spend::reverse_spend(&self.ports, ask).await
    }

    /// Voids or extends a grant; returns it, and whether this was a replay.
    ///
    /// # Errors
    ///
    /// [`BillingError::Ledger`] if there is no such grant, or it is over.
    pub async fn change_grant(&self, ask: ChangeGrant) -> Result<(Grant, bool), BillingError> {
        use_cases::change_grant::change_grant(&self.ports, ask).await
    }

    /// Grants or takes credits by an operator. Idempotent by its key.
    ///
    /// # Errors
    ///
    /// As [`spend`](Self::spend); a positive adjustment creates the account if it is unknown.
    pub async fn adjust(&self, adjustment: AdjustCredits) -> Result<Spent, BillingError> {
        use_cases::adjust_credits::adjust_credits(&self.ports, adjustment).await
    }

    /// Entries, newest first, each with its account's external id.
    ///
    /// # Errors
    ///
    /// [`BillingError::Invalid`] if the cursor belongs to another list; [`BillingError::Store`]; safe to retry.
    pub async fn entries(&self, wanted: ListEntries) -> Result<Page<(ExternalId, Entry)>, BillingError> {
        use_cases::list_entries::list_entries(&self.ports, wanted).await
    }
}
