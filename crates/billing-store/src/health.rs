//! Health checks of the database.

use billing_core::ports::{Health, StoreError};
use futures_util::future::join;
use sea_orm::{ConnectionTrait, Statement};

use crate::SqlStore;
use crate::error::store_error;
use crate::migration::{applied_problems, schema_drift};

/// One autocommit statement, so that a remote database needs one round trip.
const PROBE: &str = "INSERT INTO leases (name, holder, expires_at) VALUES ('readiness probe', $1, 0) \
    ON CONFLICT (name) DO UPDATE SET holder = excluded.holder";

impl SqlStore {
    /// Reads the applied migrations and concurrently writes one row.
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

    /// The problems of the schema, each in a sentence: missing, unknown or changed migrations; missing or additional
    /// tables, columns and indexes. Read-only.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database does not respond.
    pub async fn schema_problems(&self) -> Result<Vec<String>, StoreError> {
        let mut problems = applied_problems(self.reader()).await.map_err(store_error)?;
        // If migrations are missing, so are all their objects.
        if problems.is_empty() {
            problems = schema_drift(self.reader()).await.map_err(store_error)?;
        }
        Ok(problems)
    }
}
