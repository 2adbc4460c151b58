//! The state of background jobs.

use async_trait::async_trait;
use billing_core::jobs::Job;
use billing_core::ports::{CommitError, DueItem, DueQuery, JobStore, Lease, RescheduledItem, StoreError};
use billing_core::values::Timestamp;
use sea_orm::{ConnectionTrait, FromQueryResult, Statement, Value};
use uuid::Uuid;

use crate::SqlStore;
use crate::error::{commit_error, store_error};
use crate::transaction::Transaction;
use crate::unit_of_work::{Work, write};

/// For how long an item that is due again is remembered.
const FORGET_AFTER_DAYS: i64 = 7;

#[derive(FromQueryResult)]
struct DueRow {
    id: Uuid,
    channel: Option<String>,
    attempts: i64,
}

#[async_trait]
impl JobStore for SqlStore {
    async fn due(&self, query: &DueQuery) -> Result<Vec<DueItem>, StoreError> {
        let mut found: Vec<DueItem> = Vec::new();
        for sql in due_queries(query.job) {
            let found_before = u32::try_from(found.len()).unwrap_or(u32::MAX);
            let left = query.limit.saturating_sub(found_before);
            let values: [Value; 3] =
                [query.now.micros().into(), i64::from(left).into(), query.by.micros().into()];
            // SQLite refuses values without a parameter.
            let values = values.into_iter().take(if sql.contains("$3") { 3 } else { 2 });
            let ask = Statement::from_sql_and_values(self.reader().get_database_backend(), sql, values);
            let rows = DueRow::find_by_statement(ask).all(self.reader()).await.map_err(store_error)?;
            found.extend(rows.into_iter().map(|row| DueItem {
                id: row.id,
                // An unknown channel is reported when the item is read.
                channel: row.channel.and_then(|channel| channel.parse().ok()),
                attempts: u32::try_from(row.attempts).unwrap_or(u32::MAX),
            }));
        }
        Ok(found)
    }

    async fn reschedule(
        &self,
        job: Job,
        items: Vec<RescheduledItem>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.write_jobs(Box::new(move |transaction| {
            Box::pin(async move {
                for item in items {
                    let values: [Value; 5] = [
                        job.as_str().into(),
                        item.id.into(),
                        i64::from(item.attempts).into(),
                        item.not_before.micros().into(),
                        item.note.into(),
                    ];
                    execute(transaction, RESCHEDULE, values).await?;
                }
                let old = now.plus_days(-FORGET_AFTER_DAYS).micros();
                execute(transaction, FORGET, [job.as_str().into(), old.into()]).await?;
                Ok(())
            })
        }))
        .await
    }

    async fn clear_attempts(&self, job: Job, item: Uuid) -> Result<(), StoreError> {
        self.write_jobs(Box::new(move |transaction| {
            Box::pin(async move {
                execute(transaction, CLEAR, [job.as_str().into(), item.into()]).await?;
                Ok(())
            })
        }))
        .await
    }

    async fn acquire_lease(&self, lease: Lease, now: Timestamp) -> Result<bool, StoreError> {
        self.write_jobs(Box::new(move |transaction| {
            Box::pin(async move {
                let values: [Value; 4] = [
                    lease.name.into(),
                    lease.holder.into(),
                    lease.expires_at.micros().into(),
                    now.micros().into(),
                ];
                Ok(execute(transaction, ACQUIRE, values).await? == 1)
            })
        }))
        .await
    }

    async fn release_lease(&self, name: &str, holder: Uuid) -> Result<(), StoreError> {
        let name = name.to_owned();
        self.write_jobs(Box::new(move |transaction| {
            Box::pin(async move {
                execute(transaction, RELEASE, [name.into(), holder.into()]).await?;
                Ok(())
            })
        }))
        .await
    }
}

impl SqlStore {
    /// These writes cannot be refused: a conflict means that a lock was not acquired in time.
    async fn write_jobs<T: Send + 'static>(&self, work: Work<T, CommitError>) -> Result<T, StoreError> {
        write(self.writer(), work).await.map_err(|error| match error {
            CommitError::Store(error) => error,
            CommitError::Conflict => StoreError::Busy,
            other => StoreError::Unexpected(std::sync::Arc::new(other)),
        })
    }
}

const RESCHEDULE: &str = "
INSERT INTO job_retries (job, item, attempts, not_before, note) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (job, item) DO UPDATE SET
    attempts = excluded.attempts, not_before = excluded.not_before, note = excluded.note";

const FORGET: &str = "DELETE FROM job_retries WHERE job = $1 AND not_before < $2";

const CLEAR: &str = "DELETE FROM job_retries WHERE job = $1 AND item = $2";

const ACQUIRE: &str = "
INSERT INTO leases (name, holder, expires_at) VALUES ($1, $2, $3)
ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at
WHERE leases.holder = excluded.holder OR leases.expires_at <= $4";

const RELEASE: &str = "DELETE FROM leases WHERE name = $1 AND holder = $2";

/// The queries for a job's items: `$1` is now, `$2` the limit, `$3` the time by which they were due. Conditions of
/// partial indexes are literals, because the planner cannot infer them from parameters.
fn due_queries(job: Job) -> Vec<String> {
    let query = |table: &str, id: &str, channel: &str, due: &str, order: &str| {
        format!(
            "SELECT t.{id} AS id, {channel} AS channel, coalesce(r.attempts, 0) AS attempts \
             FROM {table} t LEFT JOIN job_retries r ON r.job = '{job}' AND r.item = t.{id} \
             WHERE {due} AND (r.not_before IS NULL OR r.not_before <= $1) ORDER BY {order}, t.{id} LIMIT $2"
        )
    };
    let nobody = "CAST(NULL AS text)";
    match job {
        Job::Inbox => Vec::new(),
        Job::Expiry => {
            let due = "t.next_change_at IS NOT NULL AND t.next_change_at <= $3 AND NOT t.frozen";
            vec![query("balances", "account_id", nobody, due, "t.next_change_at")]
        }
        Job::Orders => {
            // Exactly as in the index `orders_unpaid`.
            let closed_at = "coalesce(t.session_expires_at, t.created_at + 86400000000)";
            let due = format!(
                "t.status = 'pending' AND t.payment_ref IS NULL AND t.subscription_ref IS NULL AND {closed_at} < $3"
            );
            vec![query("orders", "id", "t.channel", &due, closed_at)]
        }
        Job::Duplicates => {
            let due = "t.role = 'duplicate'";
            vec![query("subscriptions", "id", "t.channel", due, "t.role")]
        }
        Job::Gifts => {
            let due = "t.channel = 'gift' AND t.status = 'active' AND t.period_end <= $3";
            vec![query("subscriptions", "id", nobody, due, "t.period_end")]
        }
        // Two queries on one index, which keeps accounts without a free month apart.
        Job::FreePlan => ["t.free_until IS NULL", "t.free_until <= $3"]
            .map(|due| format!("t.active_subscription IS NULL AND {due}"))
            .map(|due| query("accounts", "id", nobody, &due, "t.free_until"))
            .to_vec(),
    }
}

async fn execute<const N: usize>(
    transaction: &Transaction,
    sql: &str,
    values: [Value; N],
) -> Result<u64, CommitError> {
    let statement = Statement::from_sql_and_values(transaction.get_database_backend(), sql, values);
    Ok(transaction.execute_raw(statement).await.map_err(commit_error)?.rows_affected())
}
