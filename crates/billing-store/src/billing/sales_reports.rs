//! What operators look through.

use std::str::FromStr;

use async_trait::async_trait;
use billing_core::orders::Order;
use billing_core::payments::Payment;
use billing_core::ports::{OrderFilter, SalesReports, StoreError, SubscriptionFilter};
use billing_core::subscriptions::Subscription;
use billing_core::values::{
    AccountId, Cursor, OrderId, Page, PageRequest, PaymentId, Position, SubscriptionId,
};
use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder, QuerySelect};

use crate::SqlStore;
use crate::entity::{orders, payments, subscriptions};
use crate::error::store_error;
use crate::literal::is;
use crate::row::{read_order, read_payment, read_subscription};

#[async_trait]
impl SalesReports for SqlStore {
    async fn all_orders(&self, filter: &OrderFilter, page: &PageRequest) -> Result<Page<Order>, StoreError> {
        let mut query = orders::Entity::find();
        if let Some(account) = filter.account {
            query = query.filter(orders::Column::AccountId.eq(account.uuid()));
        }
        if let Some(status) = filter.status {
            query = query.filter(is(orders::Column::Status, status.as_str()));
        }
        let rows = self.newest_first(query, orders::Column::Id, page, OrderId::uuid).await?;
        cut(rows, page, read_order, |order| order.id)
    }

    async fn all_payments(
        &self,
        account: Option<AccountId>,
        page: &PageRequest,
    ) -> Result<Page<Payment>, StoreError> {
        let mut query = payments::Entity::find();
        if let Some(account) = account {
            query = query.filter(payments::Column::AccountId.eq(account.uuid()));
        }
        let rows = self.newest_first(query, payments::Column::Id, page, PaymentId::uuid).await?;
        cut(rows, page, read_payment, |payment| payment.id)
    }

    async fn all_subscriptions(
        &self,
        filter: &SubscriptionFilter,
        page: &PageRequest,
    ) -> Result<Page<Subscription>, StoreError> {
        let mut query = subscriptions::Entity::find();
        if let Some(account) = filter.account {
            query = query.filter(subscriptions::Column::AccountId.eq(account.uuid()));
        }
        if let Some(status) = filter.status {
            query = query.filter(is(subscriptions::Column::Status, status.as_str()));
        }
        if let Some(role) = filter.role {
            query = query.filter(is(subscriptions::Column::Role, role.as_str()));
        }
        let rows = self.newest_first(query, subscriptions::Column::Id, page, SubscriptionId::uuid).await?;
        cut(rows, page, read_subscription, |subscription| subscription.id)
    }
}

impl SqlStore {
    /// The page's rows and one more, so that "is there more" needs no second question.
    pub(super) async fn newest_first<E, I>(
        &self,
        query: Select<E>,
        id: E::Column,
        page: &PageRequest,
        uuid: impl Fn(I) -> Uuid,
    ) -> Result<Vec<E::Model>, StoreError>
    where
        E: EntityTrait,
        I: FromStr,
    {
        let query = query.order_by_desc(id).limit(u64::from(page.limit).saturating_add(1));
        let query = match &page.position {
            Position::Offset(offset) => query.offset(u64::from(*offset)),
            Position::After(cursor) => {
                let after = cursor.id::<I>().map_err(|problem| StoreError::Corrupt(problem.to_string()))?;
                query.filter(id.lt(uuid(after)))
            }
        };
        query.all(self.reader()).await.map_err(store_error)
    }
}

/// The page of a list that was asked for with one more row than it holds.
pub(super) fn cut<R, T, I: std::fmt::Display>(
    rows: Vec<R>,
    page: &PageRequest,
    read: impl Fn(R) -> Result<T, StoreError>,
    id: impl Fn(&T) -> I,
) -> Result<Page<T>, StoreError> {
    let found = rows.into_iter().map(read).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(found, page.limit, |item| Cursor::of_id(id(item))))
}
