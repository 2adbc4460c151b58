//! Everything in one autocommit statement: one round trip.

use anyhow::{Context, Result};
use async_trait::async_trait;
use sqlx::PgPool;
use uuid::Uuid;

use super::bare_tables::{accounts, pool};
use crate::contender::{Contender, Spend};

const SPEND: &str = "
    WITH spent AS (
        UPDATE account SET balance = balance - $2, seq = seq + 1
        WHERE id = $1 AND balance >= $2
        RETURNING seq, balance
    )
    INSERT INTO entry (account_id, seq, amount, balance_after)
    SELECT $1, seq, -$2, balance FROM spent";

/// A conditional `UPDATE` that feeds an `INSERT`.
pub(crate) struct OneStatement {
    pool: PgPool,
    accounts: Vec<Uuid>,
}

impl OneStatement {
    pub(crate) async fn connect(url: &str, connections: u32) -> Result<Self> {
        Ok(Self { pool: pool(url, connections).await?, accounts: accounts(url).await? })
    }
}

#[async_trait]
impl Contender for OneStatement {
    async fn spend(&self, spend: Spend) -> Result<bool> {
        let account = self.accounts.get(spend.account).context("no such account")?;
        let done = sqlx::query(SPEND).bind(account).bind(spend.amount).execute(&self.pool).await?;
        Ok(done.rows_affected() == 1)
    }
}
