//! Verification of the ledger after a case.

use anyhow::{Context, Result, ensure};
use billing_core::ports::{BalanceReads, LedgerAudit};
use billing_core::values::AccountId;
use billing_store::SqlStore;
use futures_util::{StreamExt, TryStreamExt, stream};
use uuid::Uuid;

/// The number of accounts whose whole histories are audited.
const SAMPLE: usize = 20;

/// The sum of all balances before a case.
pub(crate) struct Books<'a> {
    store: &'a SqlStore,
    accounts: Vec<AccountId>,
    before: i64,
}

impl<'a> Books<'a> {
    pub(crate) async fn open(store: &'a SqlStore, accounts: &[Uuid]) -> Result<Self> {
        let accounts: Vec<_> = accounts.iter().copied().map(AccountId::from_uuid).collect();
        let before = sum(store, &accounts).await?;
        Ok(Self { store, accounts, before })
    }

    /// Checks that `spent` credits are gone, and audits a sample of the accounts and the last one: the hot ones are
    /// last.
    pub(crate) async fn close(self, spent: u64) -> Result<()> {
        let gone = self.before - sum(self.store, &self.accounts).await?;
        ensure!(gone == i64::try_from(spent)?, "{spent} spends were acknowledged, {gone} credits are gone");
        let every = (self.accounts.len() / SAMPLE).max(1);
        let sample = self.accounts.iter().step_by(every).chain(self.accounts.last());
        for account in sample {
            let found = self.store.audit(&[*account], false).await?.pop().context("the account is gone")?;
            ensure!(found.violations.is_empty(), "the books are wrong: {:?}", found.violations);
        }
        Ok(())
    }
}

async fn sum(store: &SqlStore, accounts: &[AccountId]) -> Result<i64> {
    let balances = stream::iter(accounts.to_vec()).map(|account| async move {
        let balance = store.balance(account).await?.context("the account is gone")?;
        anyhow::Ok(balance.posted.get())
    });
    balances.buffer_unordered(8).try_fold(0_i64, |sum, posted| async move { Ok(sum + posted) }).await
}
