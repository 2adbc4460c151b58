//! Make sure that an account exists.

use super::give_free_credits::begin;
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
    retry(ports, || async move {
        if let Some(account) = ports.accounts.account_by_external_id(external_id).await? {
            return Ok(account);
        }
        let account = Account::new(external_id.clone(), &*ports.ids, now);
        let mut changes = Changes::default();
        begin(ports, account, &mut changes, now).await?;
        let made = changes.accounts.first().cloned();
        ports.store.commit(changes, now).await?;
        let made = made.map(|account| Account { version: 1, ..account });
        made.ok_or_else(|| BillingError::AccountNotFound(external_id.clone()).into())
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

/// The id of the account that the host product calls `external_id`. It never changes, so it is asked for once. Where
/// everybody has credits for nothing, an account that nobody has seen is made.
///
/// # Errors
///
/// [`BillingError::AccountNotFound`] if nobody has seen it before, and it would have nothing.
pub(crate) async fn account_id(ports: &Ports, external_id: &ExternalId) -> Result<AccountId, BillingError> {
    if let Some(id) = ports.account_ids.get(external_id) {
        return Ok(id);
    }
    let id = match existing_account(ports, external_id).await {
        Err(BillingError::AccountNotFound(_)) if ports.free_plan.is_some() => {
            ensure_account(ports, external_id, ports.clock.now()).await?.id
        }
        found => found?.id,
    };
    ports.account_ids.keep(external_id, id);
    Ok(id)
}
