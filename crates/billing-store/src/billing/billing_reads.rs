//! Reads of accounts and of what they bought, redeemed and were given.

use std::collections::BTreeMap;

use async_trait::async_trait;
use billing_core::accounts::{Account, ExternalId};
use billing_core::changes::ProviderCustomer;
use billing_core::checkin::CheckIn;
use billing_core::coupons::Redemption;
use billing_core::gifts::Gift;
use billing_core::orders::Order;
use billing_core::payments::{Channel, Payment, PaymentMethod};
use billing_core::ports::{
    AccountRef, BillingReads, CheckInQuery, GiftRef, OrderRef, PaymentMethodRef, PaymentQuery, PaymentRef,
    RedemptionRef, StoreError, SubscriptionSelector,
};
use billing_core::subscriptions::{Subscription, SubscriptionCommand};
use billing_core::values::{AccountId, CouponId, RequestKey};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait;
use sea_orm::{QueryOrder, QuerySelect, QueryTrait};

use crate::SqlStore;
use crate::entity::{
    accounts, checkins, coupon_redemptions, gifts, orders, payment_methods, payments, provider_customers,
    subscription_commands, subscriptions,
};
use crate::error::{corrupt, store_error};
use crate::row::{
    read_account, read_check_in, read_gift, read_order, read_payment, read_payment_method, read_redemption,
    read_subscription, read_subscription_command,
};

#[async_trait]
impl BillingReads for SqlStore {
    async fn account(&self, which: AccountRef<'_>) -> Result<Option<Account>, StoreError> {
        use accounts::{Column, Entity};

        let query = match which {
            AccountRef::Id(id) => Entity::find_by_id(id.uuid()),
            AccountRef::External(id) => Entity::find().filter(Column::ExternalId.eq(id.as_str())),
        };
        self.one(query, read_account).await
    }

    async fn account_ids(&self, names: &[ExternalId]) -> Result<BTreeMap<ExternalId, AccountId>, StoreError> {
        let mut known = BTreeMap::new();
        for names in names.chunks(1000) {
            let those = accounts::Column::ExternalId.is_in(names.iter().map(ExternalId::as_str));
            known.extend(self.named(those).await?.into_iter().map(|(id, name)| (name, id)));
        }
        Ok(known)
    }

    async fn external_ids(&self, ids: &[AccountId]) -> Result<BTreeMap<AccountId, ExternalId>, StoreError> {
        let mut known = BTreeMap::new();
        for ids in ids.chunks(1000) {
            known.extend(self.named(accounts::Column::Id.is_in(ids.iter().map(|id| id.uuid()))).await?);
        }
        Ok(known)
    }

    async fn provider_customer(
        &self,
        channel: Channel,
        account: AccountId,
    ) -> Result<Option<ProviderCustomer>, StoreError> {
        use provider_customers::{Column, Entity};

        let query = Entity::find()
            .filter(Column::Channel.eq(channel.as_str()))
            .filter(Column::AccountId.eq(account.uuid()))
            .filter(Expr::col(Column::IsCurrent));
        let read = |row: provider_customers::Model| {
            let (customer, deleted) = (row.customer, row.deleted);
            Ok(ProviderCustomer { channel, account, customer, replaces: None, deleted })
        };
        self.one(query, read).await
    }

    async fn account_of_customer(
        &self,
        channel: Channel,
        customer: &str,
    ) -> Result<Option<AccountId>, StoreError> {
        let query = provider_customers::Entity::find_by_id((channel.to_string(), customer.to_owned()));
        self.one(query, |row| Ok(AccountId::from_uuid(row.account_id))).await
    }

    async fn order(&self, which: OrderRef<'_>) -> Result<Option<Order>, StoreError> {
        use orders::{Column, Entity};

        let of_channel = |channel: Channel| Entity::find().filter(Column::Channel.eq(channel.as_str()));
        let of_account = |account: AccountId| Entity::find().filter(Column::AccountId.eq(account.uuid()));
        let query = match which {
            OrderRef::Id(id) => Entity::find_by_id(id.uuid()),
            OrderRef::Session(channel, id) => of_channel(channel).filter(Column::SessionId.eq(id)),
            OrderRef::Subscription(channel, id) => {
                of_channel(channel).filter(Column::SubscriptionRef.eq(id)).order_by_asc(Column::Id)
            }
            OrderRef::Request(account, key) => {
                of_account(account).filter(Column::RequestKey.eq(key.as_str()))
            }
            OrderRef::Slot(account, slot) => of_account(account).filter(Column::Slot.eq(slot.to_string())),
            OrderRef::Paid(account) => of_account(account).filter(Column::CompletedAt.is_not_null()),
        };
        self.one(query, read_order).await
    }

    async fn payment(&self, which: PaymentRef<'_>) -> Result<Option<Payment>, StoreError> {
        use payments::{Column, Entity};

        let (channel, refs) = match which {
            PaymentRef::Id(id) => return self.one(Entity::find_by_id(id.uuid()), read_payment).await,
            PaymentRef::Refs(channel, refs) => (channel, refs),
        };
        for (column, name) in [(Column::PaymentRef, &refs.payment), (Column::InvoiceRef, &refs.invoice)] {
            let Some(name) = name else { continue };
            let named = Entity::find().filter(Column::Channel.eq(channel.as_str())).filter(column.eq(name));
            if let Some(found) = self.one(named, read_payment).await? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    async fn payments(&self, which: PaymentQuery<'_>) -> Result<Vec<Payment>, StoreError> {
        use payments::{Column, Entity};

        let query = match which {
            PaymentQuery::Order(order) => {
                Entity::find().filter(Column::OrderId.eq(order.uuid())).order_by_asc(Column::Id)
            }
            PaymentQuery::Subscription { channel, id, since } => Entity::find()
                .filter(Column::Channel.eq(channel.as_str()))
                .filter(Column::SubscriptionRef.eq(id))
                .apply_if(since, |found, since| found.filter(Column::PeriodEnd.gte(since.micros())))
                .order_by_asc(Column::Id),
            PaymentQuery::Latest { account, limit } => Entity::find()
                .filter(Column::AccountId.eq(account.uuid()))
                .order_by_desc(Column::Id)
                .limit(u64::from(limit)),
        };
        self.all(query, read_payment).await
    }

    async fn payment_method(&self, which: PaymentMethodRef<'_>) -> Result<Option<PaymentMethod>, StoreError> {
        use payment_methods::{Column, Entity};

        let query = match which {
            PaymentMethodRef::Id(channel, id) => Entity::find_by_id((channel.to_string(), id.to_owned())),
            PaymentMethodRef::Account(account) => Entity::find()
                .filter(Column::AccountId.eq(account.uuid()))
                .filter(Expr::col(Column::Removed).not())
                .order_by_desc(Column::ProviderUpdatedAt)
                .order_by_desc(Column::ProviderId),
        };
        self.one(query, read_payment_method).await
    }

    async fn subscription(
        &self,
        which: SubscriptionSelector<'_>,
    ) -> Result<Option<Subscription>, StoreError> {
        use subscriptions::{Column, Entity};

        let query = match which {
            SubscriptionSelector::Id(id) => Entity::find_by_id(id.uuid()),
            SubscriptionSelector::Provider(channel, id) => {
                Entity::find().filter(Column::Channel.eq(channel.as_str())).filter(Column::ProviderId.eq(id))
            }
        };
        self.one(query, read_subscription).await
    }

    async fn subscriptions(&self, account: AccountId) -> Result<Vec<Subscription>, StoreError> {
        use subscriptions::{Column, Entity};

        let query = Entity::find()
            .filter(Column::AccountId.eq(account.uuid()))
            .order_by_desc(Column::StartedAt)
            .order_by_desc(Column::Id);
        self.all(query, read_subscription).await
    }

    async fn subscription_command(
        &self,
        account: AccountId,
        key: &RequestKey,
    ) -> Result<Option<SubscriptionCommand>, StoreError> {
        let id = (account.uuid(), key.as_str().to_owned());
        self.one(subscription_commands::Entity::find_by_id(id), read_subscription_command).await
    }

    async fn gift(&self, which: GiftRef<'_>) -> Result<Option<Gift>, StoreError> {
        use gifts::{Column, Entity};

        let query = match which {
            GiftRef::Id(id) => Entity::find_by_id(id.uuid()),
            GiftRef::Code(code) => Entity::find().filter(Column::Code.eq(code.reveal())),
            GiftRef::Order(order) => Entity::find().filter(Column::OrderId.eq(order.uuid())),
            GiftRef::Request(account, key) => Entity::find()
                .filter(Column::RedeemedBy.eq(account.uuid()))
                .filter(Column::RequestKey.eq(key.as_str())),
        };
        self.one(query, read_gift).await
    }

    async fn redemption(&self, which: RedemptionRef<'_>) -> Result<Option<Redemption>, StoreError> {
        use coupon_redemptions::{Column, Entity};

        let query = match which {
            RedemptionRef::Id(id) => Entity::find_by_id(id.uuid()),
            RedemptionRef::Request(account, key) => Entity::find()
                .filter(Column::AccountId.eq(account.uuid()))
                .filter(Column::RequestKey.eq(key.as_str())),
        };
        self.one(query, |row| read_redemption(&row)).await
    }

    async fn redemptions(&self, coupon: CouponId, account: AccountId) -> Result<Vec<Redemption>, StoreError> {
        use coupon_redemptions::{Column, Entity};

        let query = Entity::find()
            .filter(Column::CouponId.eq(coupon.uuid()))
            .filter(Column::AccountId.eq(account.uuid()))
            .order_by_asc(Column::CreatedAt)
            .order_by_asc(Column::Id);
        self.all(query, |row| read_redemption(&row)).await
    }

    async fn check_ins(
        &self,
        account: AccountId,
        which: CheckInQuery<'_>,
    ) -> Result<Vec<CheckIn>, StoreError> {
        use checkins::{Column, Entity};

        let own = Entity::find().filter(Column::AccountId.eq(account.uuid()));
        let query = match which {
            CheckInQuery::Latest => own.order_by_desc(Column::Day).limit(1),
            CheckInQuery::Request(key) => own.filter(Column::RequestKey.eq(key.as_str())),
            // Days are stored as YYYY-MM-DD, so text order is calendar order.
            CheckInQuery::Since(day) => {
                own.filter(Column::Day.gte(day.to_string())).order_by_asc(Column::Day)
            }
        };
        self.all(query, |row| read_check_in(&row)).await
    }
}

impl SqlStore {
    /// The ids and external ids of the accounts that match `those`.
    async fn named(&self, those: Expr) -> Result<Vec<(AccountId, ExternalId)>, StoreError> {
        let query = accounts::Entity::find()
            .select_only()
            .columns([accounts::Column::Id, accounts::Column::ExternalId])
            .filter(those);
        let rows: Vec<(Uuid, String)> = query.into_tuple().all(self.reader()).await.map_err(store_error)?;
        let read = |(id, name): (Uuid, String)| match ExternalId::parse(&name) {
            Ok(name) => Ok((AccountId::from_uuid(id), name)),
            Err(problem) => Err(corrupt("accounts", "external_id", id, problem)),
        };
        rows.into_iter().map(read).collect()
    }
}
