//! What accounts have now.

use async_trait::async_trait;

use super::StoreError;
use crate::ledger::{AccountState, Balance};
use crate::values::AccountId;

/// What accounts have now; of many at once, because everybody asks this all the time and one question about
/// a hundred accounts costs a store little more than one about one.
///
/// Whoever asks after an outcome was told sees at least that outcome.
#[async_trait]
pub trait BalanceReads: Send + Sync {
    /// The kept row of each of `accounts`, in their order, whatever the history; none where there is no such
    /// account. Time may have changed a balance since: a reader past `next_change_at` asks for the state and
    /// advances it. One statement.
    async fn balances(&self, accounts: &[AccountId]) -> Result<Vec<Option<Balance>>, StoreError>;

    /// For each of `accounts`, in their order, the kept row, all live grants and all open holds of one moment.
    /// The number of statements does not depend on the number of accounts.
    async fn states(&self, accounts: &[AccountId]) -> Result<Vec<Option<AccountState>>, StoreError>;

    /// [`balances`](Self::balances) of one account.
    async fn balance(&self, account: AccountId) -> Result<Option<Balance>, StoreError> {
        Ok(self.balances(&[account]).await?.pop().flatten())
    }

    /// [`states`](Self::states) of one account.
    async fn state(&self, account: AccountId) -> Result<Option<AccountState>, StoreError> {
        Ok(self.states(&[account]).await?.pop().flatten())
    }
}
