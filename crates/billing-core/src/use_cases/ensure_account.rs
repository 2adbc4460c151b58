//! Make sure that an account exists.

use super::retry::retry;
use crate::BillingError;
use crate::accounts::{Account, ExternalId};
use crate::billing::Ports;
use crate::changes::Changes;
use crate::values::Timestamp;

/// The account that the host product calls `external_id`; made now if nobody has seen it before.
pub(crate) async fn ensure_account(
    ports: &Ports,
    external_id: &ExternalId,
    now: Timestamp,
) -> Result<Account, BillingError> {
    retry(|| async move {
        if let Some(account) = ports.accounts.account_by_external_id(external_id).await? {
            return Ok(account);
        }
        let mut account = Account::new(external_id.clone(), &*ports.ids, now);
        let changes = Changes { accounts: vec![account.clone()], ..Changes::default() };
        ports.store.commit(changes, now).await?;
        account.version = 1;
        Ok(account)
    })
    .await
}

/// The account that the host product calls `external_id`.
///
/// # Errors
///
/// [`BillingError::AccountNotFound`] if nobody has seen it before.
pub(crate) async fn existing_account(
    ports: &Ports,
    external_id: &ExternalId,
) -> Result<Account, BillingError> {
    let found = ports.accounts.account_by_external_id(external_id).await?;
    found.ok_or_else(|| BillingError::AccountNotFound(external_id.clone()))
}
