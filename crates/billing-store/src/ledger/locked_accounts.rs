//! Which accounts another transaction keeps locked.

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
    /// Those of the batch's accounts whose rows are locked at this moment. None where the lock is of another kind, or
    /// is gone already; all of them where even that cannot be found out because a whole table is locked.
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
