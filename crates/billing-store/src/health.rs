//! Whether the database can be worked with.

use billing_core::ports::{Health, StoreError};
use futures_util::future::join;
use sea_orm::{ConnectionTrait, Statement};

use crate::SqlStore;
use crate::error::store_error;
use crate::migration::{applied_problems, schema_drift};

/// One statement that is its own transaction: a database far away is not asked more often than it takes.
const PROBE: &str = "INSERT INTO leases (name, holder, expires_at) VALUES ('readiness probe', $1, 0) \
    ON CONFLICT (name) DO UPDATE SET holder = excluded.holder";

impl SqlStore {
    /// Reads which migrations there are and, at the same time, writes one row.
    pub(crate) async fn check_health(&self) -> Result<Health, StoreError> {
        let (problems, probed) = join(applied_problems(self.probe_pool()), self.probe()).await;
        if !problems.map_err(store_error)?.is_empty() {
            return Ok(Health { migrated: false, writable: false });
        }
        if let Err(error) = &probed {
            tracing::warn!(%error, "the database cannot be written to");
        }
        Ok(Health { migrated: true, writable: probed.is_ok() })
    }

    async fn probe(&self) -> Result<(), StoreError> {
        let (pool, id) = (self.probe_pool(), self.ids.next_uuid());
        let statement = Statement::from_sql_and_values(pool.get_database_backend(), PROBE, [id.into()]);
        pool.execute_raw(statement).await.map(drop).map_err(store_error)
    }

    /// What is wrong with the schema, each in a sentence: migrations that are missing, unknown or were applied with
    /// another text; tables, columns and indexes that are missing, or were made by hand. Reads only.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database does not answer.
    pub async fn schema_problems(&self) -> Result<Vec<String>, StoreError> {
        let mut problems = applied_problems(self.reader()).await.map_err(store_error)?;
        // Where migrations are missing, all that they make is missing as well.
        if problems.is_empty() {
            problems = schema_drift(self.reader()).await.map_err(store_error)?;
        }
        Ok(problems)
    }
}
