//! Reads of API keys and settings.

use async_trait::async_trait;
use billing_core::credentials::{ApiKey, KeyHash};
use billing_core::ports::{Credentials, StoreError};
use sea_orm::QueryOrder;
use sea_orm::entity::prelude::*;

use crate::SqlStore;
use crate::entity::{api_keys, settings};
use crate::row::read_api_key;

#[async_trait]
impl Credentials for SqlStore {
    async fn api_key(&self, hash: &KeyHash) -> Result<Option<ApiKey>, StoreError> {
        let query = api_keys::Entity::find().filter(api_keys::Column::Hash.eq(hash.bytes().to_vec()));
        self.one(query, read_api_key).await
    }

    async fn api_keys(&self) -> Result<Vec<ApiKey>, StoreError> {
        let query = api_keys::Entity::find()
            .order_by_asc(api_keys::Column::CreatedAt)
            .order_by_asc(api_keys::Column::Id);
        self.all(query, read_api_key).await
    }

    async fn setting(&self, name: &str) -> Result<Option<String>, StoreError> {
        self.one(settings::Entity::find_by_id(name), |row| Ok(row.value)).await
    }
}
