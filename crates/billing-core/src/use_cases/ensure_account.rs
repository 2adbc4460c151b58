//! Make sure that an account exists.

use super::retry::retry;
use crate::BillingError;
use crate::accounts::{Account, ExternalId};
use crate::billing::Ports;
use crate::changes::Changes;
use crate::values::{AccountId, Timestamp};

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

/// The id of the account that the host product calls `external_id`. It never changes, so it is asked for once.
///
/// # Errors
///
/// [`BillingError::AccountNotFound`] if nobody has seen it before.
pub(crate) async fn account_id(ports: &Ports, external_id: &ExternalId) -> Result<AccountId, BillingError> {
    if let Some(id) = ports.account_ids.get(external_id) {
        return Ok(id);
    }
    let id = existing_account(ports, external_id).await?.id;
    ports.account_ids.keep(external_id, id);
    Ok(id)
}
