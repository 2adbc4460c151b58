//! Rows of API keys.

use billing_core::credentials::{ApiKey, KeyHash};
use billing_core::ports::StoreError;
use billing_core::values::{AccountId, ApiKeyId, Timestamp};

use super::read::{Reader, at};
use crate::entity::api_keys::Model;

/// The row of `key`, at the next version.
pub(crate) fn api_key_model(key: &ApiKey) -> Model {
    Model {
        id: key.id.uuid(),
        name: key.name.clone(),
        hash: key.hash.bytes().to_vec(),
        last4: key.last4.clone(),
        scopes: key.scopes.to_string(),
        account_id: key.account.map(AccountId::uuid),
        expires_at: key.expires_at.map(Timestamp::micros),
        revoked_at: key.revoked_at.map(Timestamp::micros),
        created_at: key.created_at.micros(),
        version: key.version.saturating_add(1),
    }
}

pub(crate) fn read_api_key(row: Model) -> Result<ApiKey, StoreError> {
    let read = Reader::new("api_keys", row.id);
    Ok(ApiKey {
        id: ApiKeyId::from_uuid(row.id),
        name: row.name,
        hash: KeyHash::from_bytes(read.bytes32("hash", &row.hash)?),
        last4: row.last4,
        scopes: read.parse("scopes", &row.scopes)?,
        account: row.account_id.map(AccountId::from_uuid),
        expires_at: row.expires_at.map(at),
        revoked_at: row.revoked_at.map(at),
        created_at: at(row.created_at),
        version: row.version,
    })
}
