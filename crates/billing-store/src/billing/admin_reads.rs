//! Lists for operators.

use async_trait::async_trait;
use billing_core::gifts::Gift;
use billing_core::orders::Order;
use billing_core::payments::Payment;
use billing_core::ports::{AdminReads, GiftFilter, OrderFilter, StoreError, SubscriptionFilter};
use billing_core::subscriptions::Subscription;
use billing_core::values::{AccountId, GiftId, OrderId, Page, PageRequest, PaymentId, SubscriptionId};
use sea_orm::QueryTrait;
use sea_orm::entity::prelude::*;

use crate::SqlStore;
use crate::entity::{gifts, orders, payments, subscriptions};
use crate::literal::is;
use crate::row::{read_gift, read_order, read_payment, read_subscription};

#[async_trait]
impl AdminReads for SqlStore {
    async fn all_orders(&self, filter: &OrderFilter, page: &PageRequest) -> Result<Page<Order>, StoreError> {
        use orders::{Column, Entity};

        let query = Entity::find()
            .apply_if(filter.account, |query, account| query.filter(Column::AccountId.eq(account.uuid())))
            .apply_if(filter.status, |query, status| query.filter(is(Column::Status, status.as_str())));
        self.newest_first(query, page, (Column::Id, OrderId::uuid), read_order, |order| order.id).await
    }

    async fn all_payments(
        &self,
        account: Option<AccountId>,
        page: &PageRequest,
    ) -> Result<Page<Payment>, StoreError> {
        use payments::{Column, Entity};

        let query = Entity::find()
            .apply_if(account, |query, account| query.filter(Column::AccountId.eq(account.uuid())));
        self.newest_first(query, page, (Column::Id, PaymentId::uuid), read_payment, |payment| payment.id)
            .await
    }

    async fn all_subscriptions(
        &self,
        filter: &SubscriptionFilter,
        page: &PageRequest,
    ) -> Result<Page<Subscription>, StoreError> {
        use subscriptions::{Column, Entity};

        let query = Entity::find()
            .apply_if(filter.account, |query, account| query.filter(Column::AccountId.eq(account.uuid())))
            .apply_if(filter.status, |query, status| query.filter(is(Column::Status, status.as_str())))
            .apply_if(filter.role, |query, role| query.filter(is(Column::Role, role.as_str())));
        self.newest_first(query, page, (Column::Id, SubscriptionId::uuid), read_subscription, |one| one.id)
            .await
    }

    async fn all_gifts(&self, filter: &GiftFilter, page: &PageRequest) -> Result<Page<Gift>, StoreError> {
        use gifts::{Column, Entity};

        let query = Entity::find()
            .apply_if(filter.buyer, |query, buyer| query.filter(Column::BuyerId.eq(buyer.uuid())))
            .apply_if(filter.status, |query, status| query.filter(is(Column::Status, status.as_str())));
        self.newest_first(query, page, (Column::Id, GiftId::uuid), read_gift, |gift| gift.id).await
    }
}
