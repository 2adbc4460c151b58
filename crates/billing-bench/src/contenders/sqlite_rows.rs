//! A hand-written group commit on SQLite that writes a balance and an entry: prepared statements, one transaction per
//! batch, full sync.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};
use async_trait::async_trait;
use sqlx::Row;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};

use super::gathering::Transaction;
use super::ours::posting_key_text;
use crate::contender::Spend;

const TABLES: &str = "
    CREATE TABLE account (id INTEGER PRIMARY KEY, balance INTEGER NOT NULL CHECK (balance >= 0), seq INTEGER NOT NULL)
        STRICT;
    CREATE TABLE entry (
        account_id INTEGER NOT NULL,
        seq INTEGER NOT NULL,
        amount INTEGER NOT NULL,
        balance_after INTEGER NOT NULL,
        key TEXT NOT NULL,
        PRIMARY KEY (account_id, seq),
        UNIQUE (account_id, key)
    ) STRICT, WITHOUT ROWID;";

/// Reads each account of a batch, decides in memory, writes row by row.
pub(crate) struct SqliteRows(SqlitePool);

impl SqliteRows {
    /// Creates the file at `path`, with `accounts` that cannot run out of credits.
    pub(crate) async fn create(path: &Path, accounts: usize) -> Result<Self> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full);
        let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await?;
        sqlx::raw_sql(TABLES).execute(&pool).await?;
        let fill = "WITH RECURSIVE n(id) AS (SELECT 0 UNION ALL SELECT id + 1 FROM n WHERE id + 1 < ?1)
            INSERT INTO account SELECT id, 1000000000000, 0 FROM n";
        sqlx::query(fill).bind(i64::try_from(accounts)?).execute(&pool).await?;
        Ok(Self(pool))
    }
}

#[async_trait]
impl Transaction for SqliteRows {
    async fn carry_out(&self, spends: &[Spend]) -> Result<Vec<bool>> {
        let mut transaction = self.0.begin_with("BEGIN IMMEDIATE").await?;
        let mut kept: BTreeMap<i64, (i64, i64)> = BTreeMap::new();
        for spend in spends {
            let id = i64::try_from(spend.account)?;
            if let std::collections::btree_map::Entry::Vacant(place) = kept.entry(id) {
                let row = sqlx::query("SELECT balance, seq FROM account WHERE id = ?1").bind(id);
                let row = row.fetch_one(&mut *transaction).await?;
                place.insert((row.try_get(0)?, row.try_get(1)?));
            }
        }
        let mut done = Vec::with_capacity(spends.len());
        for spend in spends {
            let id = i64::try_from(spend.account)?;
            let (balance, seq) = kept.get_mut(&id).context("the row is gone")?;
            let suffices = *balance >= spend.amount;
            done.push(suffices);
            if !suffices {
                continue;
            }
            *balance -= spend.amount;
            *seq += 1;
            sqlx::query("INSERT INTO entry VALUES (?1, ?2, ?3, ?4, ?5)")
                .bind(id)
                .bind(*seq)
                .bind(-spend.amount)
                .bind(*balance)
                .bind(posting_key_text(spend.unique))
                .execute(&mut *transaction)
                .await?;
        }
        for (id, (balance, seq)) in kept {
            sqlx::query("UPDATE account SET balance = ?2, seq = ?3 WHERE id = ?1")
                .bind(id)
                .bind(balance)
                .bind(seq)
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await?;
        Ok(done)
    }
}
