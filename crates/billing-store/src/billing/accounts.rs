//! Reading accounts.

use std::collections::BTreeMap;

use async_trait::async_trait;
use billing_core::accounts::{Account, ExternalId};
use billing_core::payments::Channel;
use billing_core::ports::{AccountReads, StoreError};
use billing_core::values::AccountId;
use sea_orm::QuerySelect;
use sea_orm::entity::prelude::*;

use crate::SqlStore;
use crate::entity::{accounts, provider_customers};
use crate::error::{corrupt, store_error};
use crate::row::read_account;

#[async_trait]
impl AccountReads for SqlStore {
    async fn account(&self, id: AccountId) -> Result<Option<Account>, StoreError> {
        let row = accounts::Entity::find_by_id(id.uuid()).one(self.reader()).await.map_err(store_error)?;
        row.map(read_account).transpose()
    }

    async fn account_by_external_id(&self, id: &ExternalId) -> Result<Option<Account>, StoreError> {
        let row = accounts::Entity::find()
            .filter(accounts::Column::ExternalId.eq(id.as_str()))
            .one(self.reader())
            .await
            .map_err(store_error)?;
        row.map(read_account).transpose()
    }

    async fn account_ids(&self, names: &[ExternalId]) -> Result<BTreeMap<ExternalId, AccountId>, StoreError> {
        let mut known = BTreeMap::new();
        for names in names.chunks(1000) {
            let rows: Vec<(String, Uuid)> = accounts::Entity::find()
                .select_only()
                .columns([accounts::Column::ExternalId, accounts::Column::Id])
                .filter(accounts::Column::ExternalId.is_in(names.iter().map(ExternalId::as_str)))
                .into_tuple()
                .all(self.reader())
                .await
                .map_err(store_error)?;
            for (name, id) in rows {
                let name = ExternalId::parse(&name)
                    .map_err(|problem| corrupt("accounts", "external_id", id, problem))?;
                known.insert(name, AccountId::from_uuid(id));
            }
        }
        Ok(known)
    }

    async fn external_ids(&self, ids: &[AccountId]) -> Result<BTreeMap<AccountId, ExternalId>, StoreError> {
        let mut known = BTreeMap::new();
        for ids in ids.chunks(1000) {
            let rows: Vec<(Uuid, String)> = accounts::Entity::find()
                .select_only()
                .columns([accounts::Column::Id, accounts::Column::ExternalId])
                .filter(accounts::Column::Id.is_in(ids.iter().map(|id| id.uuid())))
                .into_tuple()
                .all(self.reader())
                .await
                .map_err(store_error)?;
            for (id, name) in rows {
                let name = ExternalId::parse(&name)
                    .map_err(|problem| corrupt("accounts", "external_id", id, problem))?;
                known.insert(AccountId::from_uuid(id), name);
            }
        }
        Ok(known)
    }

    async fn provider_customer(
        &self,
        channel: Channel,
        account: AccountId,
    ) -> Result<Option<String>, StoreError> {
        let row = provider_customers::Entity::find()
            .filter(provider_customers::Column::Channel.eq(channel.as_str()))
            .filter(provider_customers::Column::AccountId.eq(account.uuid()))
            .filter(Expr::col(provider_customers::Column::IsCurrent))
            .one(self.reader())
            .await
            .map_err(store_error)?;
        Ok(row.map(|row| row.customer))
    }

    async fn account_of_customer(
        &self,
        channel: Channel,
        customer: &str,
    ) -> Result<Option<AccountId>, StoreError> {
        let row = provider_customers::Entity::find_by_id((channel.to_string(), customer.to_owned()))
            .one(self.reader())
            .await
            .map_err(store_error)?;
        Ok(row.map(|row| AccountId::from_uuid(row.account_id)))
    }
}
