//! The accounts that another transaction has locked.

use std::collections::BTreeSet;

use billing_core::ledger::Posting;
use billing_core::ports::StoreError;
use billing_core::values::AccountId;
use sea_orm::prelude::Uuid;
use sea_orm::{ConnectionTrait, FromQueryResult};

use super::postgres;
use crate::SqlStore;
use crate::error::store_error;

#[derive(FromQueryResult)]
struct Locked {
    account_id: Uuid,
}

impl SqlStore {
    /// The batch's accounts whose rows are locked at this moment. Empty if the lock was of another kind or is already
    /// gone; all of them if a table lock prevents the check.
    pub(super) async fn locked_accounts(&self, batch: &[Posting]) -> Result<BTreeSet<AccountId>, StoreError> {
        if !crate::is_postgres(self.ledger().connection()) {
            return Ok(BTreeSet::new());
        }
        let accounts: BTreeSet<AccountId> = batch.iter().map(|posting| posting.account).collect();
        let ids = accounts.iter().map(|account| account.uuid()).collect();
        let rows = match self.ledger().query_all_raw(postgres::locked(&ids)).await.map_err(store_error) {
            Err(StoreError::LockTimeout { .. }) => return Ok(accounts),
            rows => rows?,
        };
        let read = |row| Locked::from_query_result(&row, "").map_err(store_error);
        rows.into_iter().map(|row| read(row).map(|row| AccountId::from_uuid(row.account_id))).collect()
    }
}
