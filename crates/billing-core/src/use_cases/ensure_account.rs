//! Finds or creates accounts.

use std::collections::{BTreeMap, BTreeSet};

use super::give_free_credits::begin;
use super::retry::retry;
use crate::BillingError;
use crate::accounts::{Account, ExternalId};
use crate::billing::Ports;
use crate::changes::Changes;
use crate::values::{AccountId, Timestamp};

/// The account with this external id; created if it is unknown.
pub(crate) async fn ensure_account(
    ports: &Ports,
    external_id: &ExternalId,
    now: Timestamp,
) -> Result<Account, BillingError> {
    retry(ports, || async move {
        if let Some(account) = ports.find_account(external_id).await? {
            return Ok(account);
        }
        let account = Account::new(external_id.clone(), &*ports.ids, now);
        let mut changes = Changes::default();
        begin(ports, account, &mut changes, now).await?;
        let made = changes.accounts.first().cloned();
        ports.store.writer.commit(changes, now).await?;
        let made = made.map(|account| Account { version: 1, ..account });
        made.ok_or_else(|| BillingError::AccountNotFound(external_id.clone()).into())
    })
    .await
}

/// The account with this external id.
///
/// # Errors
///
/// [`BillingError::AccountNotFound`] if it is unknown.
pub(crate) async fn existing_account(
    ports: &Ports,
    external_id: &ExternalId,
) -> Result<Account, BillingError> {
    let found = ports.find_account(external_id).await?;
    found.ok_or_else(|| BillingError::AccountNotFound(external_id.clone()))
}

/// The ids of the known accounts among `names`, in one read.
pub(crate) async fn account_ids(
    ports: &Ports,
    names: impl IntoIterator<Item = &ExternalId>,
) -> Result<BTreeMap<ExternalId, AccountId>, BillingError> {
    let mut known = BTreeMap::new();
    let mut unseen = BTreeSet::new();
    for name in names {
        match ports.account_ids.get(name) {
            Some(id) => drop(known.insert(name.clone(), id)),
            None => drop(unseen.insert(name.clone())),
        }
    }
    if !unseen.is_empty() {
        let unseen: Vec<ExternalId> = unseen.into_iter().collect();
        for (name, id) in ports.store.billing.account_ids(&unseen).await? {
            ports.account_ids.keep(&name, id);
            known.insert(name, id);
        }
    }
    Ok(known)
}

/// The id of the account with this external id, if [`account_ids`] does not know it: it is created if there is a free
/// plan.
pub(crate) async fn new_account_id(
    ports: &Ports,
    external_id: &ExternalId,
) -> Result<AccountId, BillingError> {
    if ports.free_plan.is_none() {
        return Err(BillingError::AccountNotFound(external_id.clone()));
    }
    account_id(ports, external_id).await
}

/// The id of the account with this external id. It is immutable, so it is cached. If there is a free plan, an unknown
/// account is created.
///
/// # Errors
///
/// [`BillingError::AccountNotFound`] if it is unknown, and there is no free plan.
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
