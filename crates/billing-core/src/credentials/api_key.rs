//! An API key as it is kept.

use super::{KeyHash, KeyText, Scopes};
use crate::values::{AccountId, ApiKeyId, IdSource, Timestamp};

/// An API key: what it may do, for whom, until when. The key itself is not here, only its hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// The key's id, by which it is listed and revoked.
    pub id: ApiKeyId,
    /// What people call it.
    pub name: String,
    /// The SHA-256 of the key; unique.
    pub hash: KeyHash,
    /// The last four characters of the key.
    pub last4: String,
    /// What it may do.
    pub scopes: Scopes,
    /// The account that it acts as; without one it names the account in each request.
    pub account: Option<AccountId>,
    /// From when on it is refused.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// How often it was written; 0 before the first time.
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
