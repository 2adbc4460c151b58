//! Rows of accounts.

use billing_core::accounts::{Account, ExternalId};
use billing_core::ledger::TextKey;
use billing_core::ports::StoreError;
use billing_core::values::{AccountId, Credits, Timestamp};

use super::read::{Reader, at, to_json};
use crate::entity::accounts::Model;

/// The row of `account`, at the next version.
pub(crate) fn account_model(account: &Account) -> Model {
    Model {
        id: account.id.uuid(),
        external_id: account.external_id.as_str().to_owned(),
        email: account.email.clone(),
        name: account.name.clone(),
        timezone: account.timezone.clone(),
        credits_enabled: account.credits_enabled,
        overdraft_limit: account.overdraft_limit.get(),
        frozen: account.frozen.clone(),
        active_subscription: account.active_subscription.as_ref().map(ToString::to_string),
        free_until: account.free_until.map(Timestamp::micros),
        metadata: to_json(&account.metadata),
        text_key: account.text_key.bytes().to_vec(),
        created_at: account.created_at.micros(),
        version: account.version.saturating_add(1),
    }
}

pub(crate) fn read_account(row: Model) -> Result<Account, StoreError> {
    let read = Reader::new("accounts", row.id);
    Ok(Account {
        id: AccountId::from_uuid(row.id),
        external_id: ExternalId::parse(&row.external_id)
            .map_err(|problem| read.corrupt("external_id", problem))?,
        email: row.email,
        name: row.name,
        timezone: row.timezone,
        credits_enabled: row.credits_enabled,
        overdraft_limit: Credits::new(row.overdraft_limit),
        frozen: row.frozen,
        active_subscription: row
            .active_subscription
            .map(|name| read.parse("active_subscription", &name))
            .transpose()?,
        free_until: row.free_until.map(at),
        metadata: read.json("metadata", &row.metadata)?,
        text_key: TextKey::from_bytes(read.bytes("text_key", &row.text_key)?),
        created_at: at(row.created_at),
        version: row.version,
    })
}
