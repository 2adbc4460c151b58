//! Reading check-ins.

use async_trait::async_trait;
use billing_core::checkin::{CheckIn, CheckInConfig};
use billing_core::ports::{CheckInReads, StoreError};
use billing_core::values::{AccountId, Day, RequestKey};
use sea_orm::QueryOrder;
use sea_orm::entity::prelude::*;

use crate::SqlStore;
use crate::entity::{checkin_config, checkins};
use crate::error::store_error;
use crate::row::{read_check_in, read_config};

#[async_trait]
impl CheckInReads for SqlStore {
    async fn check_in_config(&self) -> Result<CheckInConfig, StoreError> {
        let row = checkin_config::Entity::find_by_id(1).one(self.reader()).await.map_err(store_error)?;
        row.map_or_else(|| Ok(CheckInConfig::default()), read_config)
    }

    async fn last_check_in(&self, account: AccountId) -> Result<Option<CheckIn>, StoreError> {
        let row = checkins::Entity::find()
            .filter(checkins::Column::AccountId.eq(account.uuid()))
            .order_by_desc(checkins::Column::Day)
            .one(self.reader())
            .await
            .map_err(store_error)?;
        row.as_ref().map(read_check_in).transpose()
    }

    async fn check_in_by_request(
        &self,
        account: AccountId,
        key: &RequestKey,
    ) -> Result<Option<CheckIn>, StoreError> {
        let row = checkins::Entity::find()
            .filter(checkins::Column::AccountId.eq(account.uuid()))
            .filter(checkins::Column::RequestKey.eq(key.as_str()))
            .one(self.reader())
            .await
            .map_err(store_error)?;
        row.as_ref().map(read_check_in).transpose()
    }

    async fn check_ins_since(&self, account: AccountId, from: Day) -> Result<Vec<CheckIn>, StoreError> {
        // Days are written YYYY-MM-DD, so that text sorts as the calendar does.
        let rows = checkins::Entity::find()
            .filter(checkins::Column::AccountId.eq(account.uuid()))
            .filter(checkins::Column::Day.gte(from.to_string()))
            .order_by_asc(checkins::Column::Day)
            .all(self.reader())
            .await
            .map_err(store_error)?;
        rows.iter().map(read_check_in).collect()
    }
}
