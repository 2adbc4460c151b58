//! The usual first implementation: lock, read, write, commit.

use anyhow::{Context, Result};
use async_trait::async_trait;
use sqlx::{PgPool, Row};
use uuid::Uuid;

use super::bare_tables::{accounts, pool};
use crate::contender::{Contender, Spend};

/// `BEGIN; SELECT … FOR UPDATE; INSERT; UPDATE; COMMIT` per spend.
pub(crate) struct Naive {
    pool: PgPool,
    accounts: Vec<Uuid>,
}

impl Naive {
    pub(crate) async fn connect(url: &str, connections: u32) -> Result<Self> {
        Ok(Self { pool: pool(url, connections).await?, accounts: accounts(url).await? })
    }
}

#[async_trait]
impl Contender for Naive {
    async fn spend(&self, spend: Spend) -> Result<bool> {
        let account = self.accounts.get(spend.account).context("no such account")?;
        let mut transaction = self.pool.begin().await?;
        let row = sqlx::query("SELECT balance, seq FROM account WHERE id = $1 FOR UPDATE")
            .bind(account)
            .fetch_one(&mut *transaction)
            .await?;
        let (balance, seq): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
        if balance < spend.amount {
            transaction.rollback().await?;
            return Ok(false);
        }
        let (balance, seq) = (balance - spend.amount, seq + 1);
        sqlx::query("INSERT INTO entry (account_id, seq, amount, balance_after) VALUES ($1, $2, $3, $4)")
            .bind(account)
            .bind(seq)
            .bind(-spend.amount)
            .bind(balance)
            .execute(&mut *transaction)
            .await?;
        sqlx::query("UPDATE account SET balance = $2, seq = $3 WHERE id = $1")
            .bind(account)
            .bind(balance)
            .bind(seq)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(true)
    }
}
