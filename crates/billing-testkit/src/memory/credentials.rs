//! Reads of keys and settings.

use async_trait::async_trait;
use billing_core::credentials::{ApiKey, KeyHash};
use billing_core::ports::{Credentials, StoreError};

use super::MemoryStore;

#[async_trait]
impl Credentials for MemoryStore {
    async fn api_key(&self, hash: &KeyHash) -> Result<Option<ApiKey>, StoreError> {
        Ok(self.lock().cold.api_keys.values().find(|key| key.hash == *hash).cloned())
    }

    async fn api_keys(&self) -> Result<Vec<ApiKey>, StoreError> {
        let mut keys: Vec<_> = self.lock().cold.api_keys.values().cloned().collect();
        keys.sort_by_key(|key| (key.created_at, key.id));
        Ok(keys)
    }

    async fn setting(&self, name: &str) -> Result<Option<String>, StoreError> {
        Ok(self.lock().cold.settings.get(name).cloned())
    }
}
