//! Reading API keys and settings.

use async_trait::async_trait;
use billing_core::credentials::{ApiKey, KeyHash};
use billing_core::ports::{Credentials, StoreError};
use sea_orm::QueryOrder;
use sea_orm::entity::prelude::*;

use crate::SqlStore;
use crate::entity::{api_keys, settings};
use crate::error::store_error;
use crate::row::read_api_key;

#[async_trait]
impl Credentials for SqlStore {
    async fn api_key(&self, hash: &KeyHash) -> Result<Option<ApiKey>, StoreError> {
        let row = api_keys::Entity::find()
            .filter(api_keys::Column::Hash.eq(hash.bytes().to_vec()))
            .one(self.reader())
            .await
            .map_err(store_error)?;
        row.map(read_api_key).transpose()
    }

    async fn api_keys(&self) -> Result<Vec<ApiKey>, StoreError> {
        let rows = api_keys::Entity::find()
            .order_by_asc(api_keys::Column::CreatedAt)
            .order_by_asc(api_keys::Column::Id)
            .all(self.reader())
            .await
            .map_err(store_error)?;
        rows.into_iter().map(read_api_key).collect()
    }

    async fn setting(&self, name: &str) -> Result<Option<String>, StoreError> {
        let row = settings::Entity::find_by_id(name).one(self.reader()).await.map_err(store_error)?;
        Ok(row.map(|row| row.value))
    }
}
