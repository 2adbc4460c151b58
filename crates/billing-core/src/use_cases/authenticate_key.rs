//! Authenticates an API key.

use crate::BillingError;
use crate::accounts::ExternalId;
use crate::billing::Ports;
use crate::credentials::{ApiKey, KeyHash};
use crate::ports::{AccountRef, StoreError};

/// The valid key with this text, and the account that it is bound to; `None` if it is unknown, revoked or expired.
pub(crate) async fn authenticate_key(
    ports: &Ports,
    hash: &KeyHash,
) -> Result<Option<(ApiKey, Option<ExternalId>)>, BillingError> {
    let now = ports.clock.now();
    let found = ports.store.credentials.api_key(hash).await?.filter(|key| key.is_valid(now));
    let Some(key) = found else { return Ok(None) };
    let bound = match key.account {
        None => None,
        Some(id) => {
            let account = ports.store.billing.account(AccountRef::Id(id)).await?;
            let account =
                account.ok_or_else(|| StoreError::Corrupt(format!("{} is bound to no account", key.id)))?;
            Some(account.external_id)
        }
    };
    Ok(Some((key, bound)))
}
