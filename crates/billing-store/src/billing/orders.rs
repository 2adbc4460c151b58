//! Reading orders.

use async_trait::async_trait;
use billing_core::orders::Order;
use billing_core::payments::Channel;
use billing_core::ports::{OrderReads, StoreError};
use billing_core::values::{AccountId, Fingerprint, OrderId, Page, PageRequest, RequestKey, Timestamp};
use sea_orm::QueryOrder;
use sea_orm::entity::prelude::*;

use super::sales_reports::cut;
use crate::SqlStore;
use crate::entity::orders::{Column, Entity};
use crate::error::store_error;
use crate::row::read_order;

#[async_trait]
impl OrderReads for SqlStore {
    async fn order(&self, id: OrderId) -> Result<Option<Order>, StoreError> {
        self.one(Entity::find_by_id(id.uuid())).await
    }

    async fn orders(&self, account: AccountId, page: &PageRequest) -> Result<Page<Order>, StoreError> {
        let own = Entity::find().filter(Column::AccountId.eq(account.uuid()));
        let rows = self.newest_first(own, Column::Id, page, OrderId::uuid).await?;
        cut(rows, page, read_order, |order| order.id)
    }

    async fn order_by_session(&self, channel: Channel, session: &str) -> Result<Option<Order>, StoreError> {
        let by_session =
            Entity::find().filter(Column::Channel.eq(channel.as_str())).filter(Column::SessionId.eq(session));
        self.one(by_session).await
    }

    async fn order_by_subscription(
        &self,
        channel: Channel,
        subscription: &str,
    ) -> Result<Option<Order>, StoreError> {
        let began = Entity::find()
            .filter(Column::Channel.eq(channel.as_str()))
            .filter(Column::SubscriptionRef.eq(subscription))
            .order_by_asc(Column::Id);
        self.one(began).await
    }

    async fn order_by_request(
        &self,
        account: AccountId,
        key: &RequestKey,
    ) -> Result<Option<Order>, StoreError> {
        let by_request = Entity::find()
            .filter(Column::AccountId.eq(account.uuid()))
            .filter(Column::RequestKey.eq(key.as_str()));
        self.one(by_request).await
    }

    async fn open_order(
        &self,
        account: AccountId,
        request: &Fingerprint,
        now: Timestamp,
    ) -> Result<Option<Order>, StoreError> {
        let same = Entity::find()
            .filter(Column::AccountId.eq(account.uuid()))
            .filter(Column::RequestFingerprint.eq(request.bytes().to_vec()))
            .order_by_desc(Column::Id);
        // Only the newest counts: an older one does not stand in for one that was paid.
        Ok(self.one(same).await?.filter(|order| order.open_session(now).is_some()))
    }
}

impl SqlStore {
    async fn one(&self, query: Select<Entity>) -> Result<Option<Order>, StoreError> {
        let row = query.one(self.reader()).await.map_err(store_error)?;
        row.map(read_order).transpose()
    }
}
