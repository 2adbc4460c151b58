//! Current balances.

use async_trait::async_trait;

use super::StoreError;
use crate::ledger::{AccountState, Balance};
use crate::values::AccountId;

/// Current balances, of many accounts at once: they are read very often, and a query for a hundred accounts costs a
/// store little more than a query for one.
///
/// A read that starts after an outcome was answered sees at least that outcome.
#[async_trait]
pub trait BalanceReads: Send + Sync {
    /// The balance row of each of `accounts`, in their order, independent of the length of the history; `None` for an
    /// unknown account. Changes may be due since: a reader past `next_change_at` reads the state and advances it. One
    /// statement.
    async fn balances(&self, accounts: &[AccountId]) -> Result<Vec<Option<Balance>>, StoreError>;

    /// For each of `accounts`, in their order: the balance row, all live grants and all open holds, in one snapshot.
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
