//! Keys and secrets.

use async_trait::async_trait;

use super::StoreError;
use crate::credentials::{ApiKey, KeyHash};

/// API keys and generated secrets.
#[async_trait]
pub trait Credentials: Send + Sync {
    /// The key with this hash, valid or not.
    async fn api_key(&self, hash: &KeyHash) -> Result<Option<ApiKey>, StoreError>;
    /// All keys, oldest first.
    async fn api_keys(&self) -> Result<Vec<ApiKey>, StoreError>;
    /// The value of a setting.
    async fn setting(&self, name: &str) -> Result<Option<String>, StoreError>;
}
