//! Creates, rotates and revokes API keys.

use super::ensure_account::ensure_account;
use super::retry::retry;
use crate::BillingError;
use crate::accounts::ExternalId;
use crate::billing::Ports;
use crate::changes::{Changes, Setting};
use crate::credentials::{ApiKey, KeyText, Scope, Scopes};
use crate::values::{ApiKeyId, Timestamp};

/// A key to create.
#[derive(Debug, Clone)]
pub struct CreateKey {
    /// The display name.
    pub name: String,
    /// The scopes.
    pub scopes: Scopes,
    /// The account that it acts as; created if it is unknown.
    pub account: Option<ExternalId>,
    /// The expiry.
    pub expires_at: Option<Timestamp>,
    /// 160 bits from a secure source.
    pub random: [u8; 20],
}

/// A new key; its text is known only now.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// The stored key.
    pub key: ApiKey,
    /// The full key, shown once.
    pub text: KeyText,
}

/// Creates an API key.
pub(crate) async fn create_key(ports: &Ports, ask: CreateKey) -> Result<NewKey, BillingError> {
    let now = ports.clock.now();
    if ask.name.trim().is_empty() || ask.name.chars().count() > 100 {
        return Err(BillingError::Invalid { field: "name", problem: "takes 1 to 100 characters".to_owned() });
    }
    let account = match &ask.account {
        Some(external_id) => Some(ensure_account(ports, external_id, now).await?.id),
        None => None,
    };
    let text = KeyText::new(ask.random);
    let mut key = ApiKey::new(ask.name, &text, ask.scopes, &*ports.ids, now);
    key.account = account;
    key.expires_at = ask.expires_at;
    ports.store.writer.commit(Changes { api_keys: vec![key.clone()], ..Changes::default() }, now).await?;
    key.version = 1;
    Ok(NewKey { key, text })
}

/// Creates an operator's key unless one was created in this way before. The key and its mark are written together: of
/// several processes that start concurrently one creates it, and a crash leaves no mark without a key.
pub(crate) async fn create_first_key(
    ports: &Ports,
    name: String,
    random: [u8; 20],
) -> Result<Option<NewKey>, BillingError> {
    retry(ports, || {
        let name = name.clone();
        async move {
            if ports.store.credentials.setting(FIRST_KEY).await?.is_some() {
                return Ok(None);
            }
            let now = ports.clock.now();
            let text = KeyText::new(random);
            let scopes = Scopes::new([Scope::BillingAdmin]);
            let mut key = ApiKey::new(name, &text, scopes, &*ports.ids, now);
            let made = Setting { name: FIRST_KEY.to_owned(), value: key.id.to_string() };
            let changes = Changes { api_keys: vec![key.clone()], settings: vec![made], ..Changes::default() };
            ports.store.writer.commit(changes, now).await?;
            key.version = 1;
            Ok(Some(NewKey { key, text }))
        }
    })
    .await
}

/// The setting that names the first key.
const FIRST_KEY: &str = "first_key";

/// Revokes the key with `id`; from now on it is refused. Idempotent.
pub(crate) async fn revoke_key(ports: &Ports, id: ApiKeyId) -> Result<ApiKey, BillingError> {
    retry(ports, || async move {
        let now = ports.clock.now();
        let keys = ports.store.credentials.api_keys().await?;
        let found = keys.into_iter().find(|key| key.id == id);
        let mut key = found.ok_or_else(|| BillingError::not_found("API key", id))?;
        if key.revoked_at.is_some() {
            return Ok(key);
        }
        key.revoked_at = Some(now);
        ports.store.writer.commit(Changes { api_keys: vec![key.clone()], ..Changes::default() }, now).await?;
        key.version = key.version.saturating_add(1);
        Ok(key)
    })
    .await
}

/// Creates a new key to replace the one with `id`. Both are written together, so there is always a valid key.
pub(crate) async fn rotate_key(
    ports: &Ports,
    id: ApiKeyId,
    overlap_hours: u32,
    random: [u8; 20],
) -> Result<NewKey, BillingError> {
    retry(ports, || async move {
        let now = ports.clock.now();
        let keys = ports.store.credentials.api_keys().await?;
        let found = keys.into_iter().find(|key| key.id == id && key.is_valid(now));
        let mut old = found.ok_or_else(|| BillingError::not_found("valid API key", id))?;
        let text = KeyText::new(random);
        let mut key = ApiKey::new(old.name.clone(), &text, old.scopes.clone(), &*ports.ids, now);
        key.account = old.account;
        key.expires_at = old.expires_at;
        let overlap = now.plus_seconds(i64::from(overlap_hours).saturating_mul(3600));
        old.expires_at = Some(old.expires_at.map_or(overlap, |end| end.min(overlap)));
        let changes = Changes { api_keys: vec![old, key.clone()], ..Changes::default() };
        ports.store.writer.commit(changes, now).await?;
        key.version = 1;
        Ok(NewKey { key, text })
    })
    .await
}
