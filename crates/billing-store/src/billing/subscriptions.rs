//! Reading subscriptions.

use async_trait::async_trait;
use billing_core::payments::Channel;
use billing_core::ports::{StoreError, SubscriptionReads};
use billing_core::subscriptions::Subscription;
use billing_core::values::{AccountId, SubscriptionId};
use sea_orm::QueryOrder;
use sea_orm::entity::prelude::*;

use crate::SqlStore;
use crate::entity::subscriptions::{Column, Entity};
use crate::error::store_error;
use crate::row::read_subscription;

#[async_trait]
impl SubscriptionReads for SqlStore {
    async fn subscription_by_provider_id(
        &self,
        channel: Channel,
        provider_id: &str,
    ) -> Result<Option<Subscription>, StoreError> {
        let row = Entity::find()
            .filter(Column::Channel.eq(channel.as_str()))
            .filter(Column::ProviderId.eq(provider_id))
            .one(self.reader())
            .await
            .map_err(store_error)?;
        row.map(read_subscription).transpose()
    }

    async fn subscription(&self, id: SubscriptionId) -> Result<Option<Subscription>, StoreError> {
        let row = Entity::find_by_id(id.uuid()).one(self.reader()).await.map_err(store_error)?;
        row.map(read_subscription).transpose()
    }

    async fn subscriptions(&self, account: AccountId) -> Result<Vec<Subscription>, StoreError> {
        let rows = Entity::find()
            .filter(Column::AccountId.eq(account.uuid()))
            .order_by_desc(Column::StartedAt)
            .order_by_desc(Column::Id)
            .all(self.reader())
            .await
            .map_err(store_error)?;
        rows.into_iter().map(read_subscription).collect()
    }
}
