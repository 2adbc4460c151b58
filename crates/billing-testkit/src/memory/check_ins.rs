//! Reading check-ins.

use async_trait::async_trait;
use billing_core::checkin::{CheckIn, CheckInConfig};
use billing_core::ports::{CheckInReads, StoreError};
use billing_core::values::{AccountId, Day, RequestKey};

use super::MemoryStore;

#[async_trait]
impl CheckInReads for MemoryStore {
    async fn check_in_config(&self) -> Result<CheckInConfig, StoreError> {
        Ok(self.lock().cold.check_in_config.clone())
    }

    async fn last_check_in(&self, account: AccountId) -> Result<Option<CheckIn>, StoreError> {
        let state = self.lock();
        let own = state.cold.check_ins.values().filter(|check_in| check_in.account == account);
        Ok(own.max_by_key(|check_in| check_in.day).cloned())
    }

    async fn check_in_by_request(
        &self,
        account: AccountId,
        key: &RequestKey,
    ) -> Result<Option<CheckIn>, StoreError> {
        let state = self.lock();
        let mut own = state.cold.check_ins.values().filter(|check_in| check_in.account == account);
        Ok(own.find(|check_in| check_in.request_key.as_ref() == Some(key)).cloned())
    }

    async fn check_ins_since(&self, account: AccountId, from: Day) -> Result<Vec<CheckIn>, StoreError> {
        let state = self.lock();
        let own = state.cold.check_ins.values().filter(|check_in| check_in.account == account);
        let mut since: Vec<_> = own.filter(|check_in| from <= check_in.day).cloned().collect();
        since.sort_by_key(|check_in| check_in.day);
        Ok(since)
    }
}
