//! Whether the database can be worked with.

use billing_core::ports::{CommitError, Health, StoreError};
use sea_orm::{ConnectionTrait, Statement};
use uuid::Uuid;

use crate::SqlStore;
use crate::error::{commit_error, store_error};
use crate::migration::{applied_problems, schema_drift};
use crate::unit_of_work::write;

/// A row that no other process touches, and that is gone when the transaction commits.
const PROBE: [&str; 2] = [
    "INSERT INTO leases (name, holder, expires_at) VALUES ($1, $2, 0)",
    "DELETE FROM leases WHERE name = $1 AND holder = $2",
];

impl SqlStore {
    /// Reads which migrations there are, and writes and deletes one row.
    pub(crate) async fn check_health(&self) -> Result<Health, StoreError> {
        let problems = applied_problems(self.probe_pool()).await.map_err(store_error)?;
        if !problems.is_empty() {
            return Ok(Health { migrated: false, writable: false });
        }
        let probed = self.probe().await;
        if let Err(error) = &probed {
            tracing::warn!(%error, "the database cannot be written to");
        }
        Ok(Health { migrated: true, writable: probed.is_ok() })
    }

    async fn probe(&self) -> Result<(), CommitError> {
        let id = self.ids.next_uuid();
        write(
            self.probe_pool(),
            Box::new(move |transaction| {
                Box::pin(async move {
                    for sql in PROBE {
                        let values = [format!("probe {id}").into(), Uuid::into(id)];
                        let backend = transaction.get_database_backend();
                        let statement = Statement::from_sql_and_values(backend, sql, values);
                        transaction.execute_raw(statement).await.map_err(commit_error)?;
                    }
                    Ok(())
                })
            }),
        )
        .await
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
