//! The tables of contenders with only a balance and a list of entries.

use anyhow::Result;
use sqlx::PgPool;
use uuid::Uuid;

use crate::database::{execute, ids};

/// With space in the pages of `account` for HOT updates, as in our own tables.
const TABLES: &str = "
    CREATE TABLE account (
        id uuid PRIMARY KEY,
        balance bigint NOT NULL CHECK (balance >= 0),
        seq bigint NOT NULL
    ) WITH (fillfactor = 60);
    CREATE TABLE entry (
        account_id uuid NOT NULL,
        seq bigint NOT NULL,
        amount bigint NOT NULL,
        balance_after bigint NOT NULL,
        at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (account_id, seq)
    )";

/// Creates the tables in the database at `url`, with `accounts` that cannot run out of credits.
pub(crate) async fn make_bare_tables(url: &str, accounts: usize) -> Result<()> {
    execute(url, TABLES).await?;
    let fill = format!(
        "INSERT INTO account SELECT gen_random_uuid(), 1000000000000, 0 FROM generate_series(1, {accounts})"
    );
    execute(url, &fill).await?;
    execute(url, "VACUUM ANALYZE").await
}

/// Their ids, in a fixed order.
pub(super) async fn accounts(url: &str) -> Result<Vec<Uuid>> {
    ids(url, "SELECT id FROM account ORDER BY id").await
}

/// A pool with all connections open, so that no measurement opens one.
pub(super) async fn pool(url: &str, connections: u32) -> Result<PgPool> {
    crate::database::pool(url, connections).await
}
