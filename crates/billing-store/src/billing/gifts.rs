//! Reading and writing gifts.

use async_trait::async_trait;
use billing_core::changes::Changes;
use billing_core::gifts::{Gift, GiftCode};
use billing_core::ports::{CommitError, GiftFilter, GiftReads, StoreError};
use billing_core::values::{AccountId, GiftId, OrderId, Page, PageRequest, RequestKey};
use sea_orm::entity::prelude::*;

use super::sales_reports::cut;
use super::versioned::put;
use crate::SqlStore;
use crate::entity::gifts::{Column, Entity};
use crate::error::store_error;
use crate::literal::is;
use crate::row::{gift_model, read_gift};
use crate::transaction::Transaction;

/// Writes gifts, after the orders that they refer to, each over the version that was read: of many who redeem one at
/// once, one does.
pub(super) async fn put_gifts(transaction: &Transaction, changes: &Changes) -> Result<(), CommitError> {
    for gift in &changes.gifts {
        let identity = Column::Id.eq(gift.id.uuid());
        put::<Entity, _>(transaction, gift_model(gift), identity, Column::Version, gift.version).await?;
    }
    Ok(())
}

#[async_trait]
impl GiftReads for SqlStore {
    async fn gift(&self, id: GiftId) -> Result<Option<Gift>, StoreError> {
        self.one_gift(Entity::find_by_id(id.uuid())).await
    }

    async fn gift_by_code(&self, code: &GiftCode) -> Result<Option<Gift>, StoreError> {
        self.one_gift(Entity::find().filter(Column::Code.eq(code.reveal()))).await
    }

    async fn gift_of_order(&self, order: OrderId) -> Result<Option<Gift>, StoreError> {
        self.one_gift(Entity::find().filter(Column::OrderId.eq(order.uuid()))).await
    }

    async fn gift_by_request(
        &self,
        account: AccountId,
        key: &RequestKey,
    ) -> Result<Option<Gift>, StoreError> {
        let own = Entity::find().filter(Column::RedeemedBy.eq(account.uuid()));
        self.one_gift(own.filter(Column::RequestKey.eq(key.as_str()))).await
    }

    async fn gifts(&self, filter: &GiftFilter, page: &PageRequest) -> Result<Page<Gift>, StoreError> {
        let mut query = Entity::find();
        if let Some(buyer) = filter.buyer {
            query = query.filter(Column::BuyerId.eq(buyer.uuid()));
        }
        if let Some(status) = filter.status {
            query = query.filter(is(Column::Status, status.as_str()));
        }
        let rows = self.newest_first(query, Column::Id, page, GiftId::uuid).await?;
        cut(rows, page, read_gift, |gift| gift.id)
    }
}

impl SqlStore {
    async fn one_gift(&self, query: Select<Entity>) -> Result<Option<Gift>, StoreError> {
        query.one(self.reader()).await.map_err(store_error)?.map(read_gift).transpose()
    }
}
