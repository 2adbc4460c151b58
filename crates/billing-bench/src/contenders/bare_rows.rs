//! A group commit that writes a balance and an entry: a minimal ledger.

use std::collections::HashMap;

use anyhow::{Context, Result};
use async_trait::async_trait;
use sqlx::{PgPool, Row};
use uuid::Uuid;

use super::bare_tables::{accounts, pool};
use super::gathering::Transaction;
use crate::contender::Spend;

const LOCK: &str = "SELECT id, balance, seq FROM account WHERE id = ANY($1) ORDER BY id FOR UPDATE";
const WRITE: &str = "
    WITH changed AS (
        UPDATE account SET balance = new.balance, seq = new.seq
        FROM unnest($1::uuid[], $2::bigint[], $3::bigint[]) AS new (id, balance, seq)
        WHERE account.id = new.id
    )
    INSERT INTO entry (account_id, seq, amount, balance_after)
    SELECT * FROM unnest($4::uuid[], $5::bigint[], $6::bigint[], $7::bigint[])";

/// The two statements of its transaction, in Markdown.
pub(crate) fn bare_rows_statements() -> String {
    let lines = WRITE.lines().map(|line| line.strip_prefix("    ").unwrap_or(line));
    let write = lines.collect::<Vec<_>>().join("\n");
    format!("```sql\nBEGIN;\n{LOCK};\n{};\nCOMMIT;\n```", write.trim())
}

/// Locks the rows, decides in memory, writes everything in one statement.
pub(crate) struct BareRows {
    pool: PgPool,
    accounts: Vec<Uuid>,
}

impl BareRows {
    pub(crate) async fn connect(url: &str, connections: u32) -> Result<Self> {
        Ok(Self { pool: pool(url, connections).await?, accounts: accounts(url).await? })
    }
}

#[async_trait]
impl Transaction for BareRows {
    async fn carry_out(&self, spends: &[Spend]) -> Result<Vec<bool>> {
        let mut ids = Vec::with_capacity(spends.len());
        for spend in spends {
            ids.push(*self.accounts.get(spend.account).context("no such account")?);
        }
        let mut locked = ids.clone();
        locked.sort_unstable();
        locked.dedup();
        let mut transaction = self.pool.begin().await?;
        let mut kept: HashMap<Uuid, (i64, i64)> = HashMap::with_capacity(locked.len());
        for row in sqlx::query(LOCK).bind(&locked).fetch_all(&mut *transaction).await? {
            kept.insert(row.try_get(0)?, (row.try_get(1)?, row.try_get(2)?));
        }
        let mut done = Vec::with_capacity(spends.len());
        let (mut owners, mut seqs, mut amounts, mut afters) = (vec![], vec![], vec![], vec![]);
        for (spend, id) in spends.iter().zip(&ids) {
            let (balance, seq) = kept.get_mut(id).context("the row is gone")?;
            let suffices = *balance >= spend.amount;
            if suffices {
                *balance -= spend.amount;
                *seq += 1;
                owners.push(*id);
                seqs.push(*seq);
                amounts.push(-spend.amount);
                afters.push(*balance);
            }
            done.push(suffices);
        }
        let (changed, after): (Vec<Uuid>, Vec<(i64, i64)>) = kept.into_iter().unzip();
        let (balances, numbers): (Vec<i64>, Vec<i64>) = after.into_iter().unzip();
        sqlx::query(WRITE)
            .bind(changed)
            .bind(balances)
            .bind(numbers)
            .bind(owners)
            .bind(seqs)
            .bind(amounts)
            .bind(afters)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(done)
    }
}
