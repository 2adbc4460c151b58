//! Reading payments.

use async_trait::async_trait;
use billing_core::payments::{Channel, Payment, PaymentMethod, PaymentRefs};
use billing_core::ports::{PaymentReads, StoreError};
use billing_core::values::{AccountId, OrderId, PaymentId, Timestamp};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait;
use sea_orm::{QueryOrder, QuerySelect, QueryTrait};

use crate::SqlStore;
use crate::entity::payment_methods;
use crate::entity::payments::{Column, Entity};
use crate::error::store_error;
use crate::row::{read_payment, read_payment_method};

#[async_trait]
impl PaymentReads for SqlStore {
    async fn payment(&self, id: PaymentId) -> Result<Option<Payment>, StoreError> {
        let row = Entity::find_by_id(id.uuid()).one(self.reader()).await.map_err(store_error)?;
        row.map(read_payment).transpose()
    }

    async fn payment_by_refs(
        &self,
        channel: Channel,
        refs: &PaymentRefs,
    ) -> Result<Option<Payment>, StoreError> {
        for (column, name) in [(Column::PaymentRef, &refs.payment), (Column::InvoiceRef, &refs.invoice)] {
            let Some(name) = name else { continue };
            let row = Entity::find()
                .filter(Column::Channel.eq(channel.as_str()))
                .filter(column.eq(name))
                .one(self.reader())
                .await
                .map_err(store_error)?;
            if let Some(row) = row {
                return read_payment(row).map(Some);
            }
        }
        Ok(None)
    }

    async fn payments_of_subscription(
        &self,
        channel: Channel,
        subscription: &str,
        since: Option<Timestamp>,
    ) -> Result<Vec<Payment>, StoreError> {
        let rows = Entity::find()
            .filter(Column::Channel.eq(channel.as_str()))
            .filter(Column::SubscriptionRef.eq(subscription))
            .apply_if(since, |found, since| found.filter(Column::PeriodEnd.gte(since.micros())))
            .order_by_asc(Column::Id)
            .all(self.reader())
            .await
            .map_err(store_error)?;
        rows.into_iter().map(read_payment).collect()
    }

    async fn payment_method(&self, channel: Channel, id: &str) -> Result<Option<PaymentMethod>, StoreError> {
        let found = payment_methods::Entity::find_by_id((channel.to_string(), id.to_owned()));
        let row = found.one(self.reader()).await.map_err(store_error)?;
        row.map(read_payment_method).transpose()
    }

    async fn payment_method_of(&self, account: AccountId) -> Result<Option<PaymentMethod>, StoreError> {
        let latest = payment_methods::Entity::find()
            .filter(payment_methods::Column::AccountId.eq(account.uuid()))
            .filter(Expr::col(payment_methods::Column::Removed).not())
            .order_by_desc(payment_methods::Column::ProviderUpdatedAt)
            .order_by_desc(payment_methods::Column::ProviderId);
        let row = latest.one(self.reader()).await.map_err(store_error)?;
        row.map(read_payment_method).transpose()
    }

    async fn payments(&self, account: AccountId, limit: u32) -> Result<Vec<Payment>, StoreError> {
        let rows = Entity::find()
            .filter(Column::AccountId.eq(account.uuid()))
            .order_by_desc(Column::Id)
            .limit(u64::from(limit))
            .all(self.reader())
            .await
            .map_err(store_error)?;
        rows.into_iter().map(read_payment).collect()
    }

    async fn payments_of_order(&self, order: OrderId) -> Result<Vec<Payment>, StoreError> {
        let rows = Entity::find()
            .filter(Column::OrderId.eq(order.uuid()))
            .order_by_asc(Column::Id)
            .all(self.reader())
            .await
            .map_err(store_error)?;
        rows.into_iter().map(read_payment).collect()
    }
}
