//! Posts to the ledger.

use crate::BillingError;
use crate::billing::Ports;
use crate::ledger::{Outcome, Posting, Refusal};
use crate::ports::StoreError;
use crate::values::{AccountId, Timestamp};

/// Posts `postings`. If an account's data cannot be read because it was tampered with, and an audit has frozen the
/// account for it, its postings are refused as on any frozen account.
///
/// # Errors
///
/// [`BillingError::Store`], as [`LedgerStore::post`](crate::ports::LedgerStore::post) says.
pub(super) async fn post(
    ports: &Ports,
    postings: Vec<Posting>,
    now: Timestamp,
) -> Result<Vec<Outcome>, BillingError> {
    let accounts: Vec<AccountId> = postings.iter().map(|posting| posting.account).collect();
    match ports.store.ledger.post(postings, now).await {
        Err(StoreError::Corrupt(what)) => {
            let frozen = ports.store.audit.frozen(&accounts).await?;
            if !accounts.iter().all(|account| frozen.contains(account)) {
                return Err(StoreError::Corrupt(what).into());
            }
            Ok(accounts.into_iter().map(|_| Err(Refusal::AccountFrozen)).collect())
        }
        outcomes => Ok(outcomes?),
    }
}
