//! The stored form of an API key.

use super::{KeyHash, KeyText, Scopes};
use crate::values::{AccountId, ApiKeyId, IdSource, Timestamp};

/// An API key's scopes, account and expiry. Only the hash of the key is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// The id for listing and revoking.
    pub id: ApiKeyId,
    /// The display name.
    pub name: String,
    /// The SHA-256 of the key; unique.
    pub hash: KeyHash,
    /// The last four characters of the key.
    pub last4: String,
    /// The scopes.
    pub scopes: Scopes,
    /// The account that it acts as; without one each request names the account.
    pub account: Option<AccountId>,
    /// The expiry.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// When it was created.
    pub created_at: Timestamp,
    /// The row's version; 0 if not stored yet.
    pub version: i64,
}

impl ApiKey {
    /// A new key for `text`.
    pub fn new(name: String, text: &KeyText, scopes: Scopes, ids: &dyn IdSource, now: Timestamp) -> Self {
        Self {
            id: ApiKeyId::new(ids),
            name,
            hash: text.hash(),
            last4: text.last4().to_owned(),
            scopes,
            account: None,
            expires_at: None,
            revoked_at: None,
            created_at: now,
            version: 0,
        }
    }

    /// Whether it is accepted at `now`.
    pub fn is_valid(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }
}
