//! A group commit that writes exactly our rows, into our tables: the entry with its allocations and its posting's key,
//! the balance row, grants that are used up. It checks no keys, applies no due changes, computes no hashes and knows
//! one burn order: it lacks our rules and layers.
//!
//! The tables are created by our own migration. If they change, this file has to follow, and no other file of this
//! crate.

use std::collections::HashMap;

use anyhow::{Context, Result};
use async_trait::async_trait;
use sqlx::{PgPool, Row};
use uuid::Uuid;

use super::gathering::Transaction;
use super::ours::{now, posting_key_text};
use crate::contender::Spend;
use crate::database::{ids, pool};

const LOCK: &str = "
    SELECT account_id, posted, bucket_bonus, seq FROM balances WHERE account_id = ANY($1)
    ORDER BY account_id FOR UPDATE";
const GRANTS: &str = "
    SELECT account_id, id, remaining FROM current_grants WHERE account_id = ANY($1) AND live
    ORDER BY account_id, priority, expires_at, effective_at, id";
const WRITE: &str = "
    WITH drawn AS (
        UPDATE grants SET remaining = new.remaining, live = new.remaining > 0
        FROM unnest($1::uuid[], $2::uuid[], $3::bigint[]) AS new (account_id, id, remaining)
        WHERE grants.account_id = new.account_id AND grants.id = new.id
    ), kept AS (
        UPDATE balances SET posted = new.posted, bucket_bonus = new.bonus, seq = new.seq, last_at = $4,
            head = '\\x00', burning_grant = new.burning, burning_left = nullif(new.rest, 0)
        FROM unnest($5::uuid[], $6::bigint[], $7::bigint[], $8::bigint[], $9::uuid[], $10::bigint[])
            AS new (id, posted, bonus, seq, burning, rest)
        WHERE balances.account_id = new.id
    )
    INSERT INTO entries (account_id, seq, id, kind, amount, balance_after, available_after, description,
        actor, posting_key, key_hash, fingerprint, metadata, allocations, effective_at, recorded_at, hash)
    SELECT account_id, seq, id, 'usage', amount, after, after, 'Usage', 'operator:bench', key, key_hash, hash, '{}',
        drawn, $4, $4, hash
    FROM unnest($11::uuid[], $12::bigint[], $13::uuid[], $14::bigint[], $15::bigint[], $16::text[], $17::uuid[],
        $18::bytea[], $19::bytea[])
        AS new (account_id, seq, id, amount, after, key, key_hash, hash, drawn)";

/// Locks the rows, reads the grants, decides in memory, writes everything in one statement.
pub(crate) struct SameRows {
    pool: PgPool,
    accounts: Vec<Uuid>,
}

/// One account during a decision.
struct Kept {
    posted: i64,
    bonus: i64,
    seq: i64,
    /// Each with its rest, and whether it has changed.
    grants: Vec<(Uuid, i64, bool)>,
}

/// The columns of the written balance rows.
#[derive(Default)]
struct Balances {
    accounts: Vec<Uuid>,
    posted: Vec<i64>,
    bonus: Vec<i64>,
    seqs: Vec<i64>,
    burning: Vec<Uuid>,
    left: Vec<i64>,
}

/// The columns of the written rows.
#[derive(Default)]
struct Rows {
    owners: Vec<Uuid>,
    seqs: Vec<i64>,
    entries: Vec<Uuid>,
    amounts: Vec<i64>,
    afters: Vec<i64>,
    keys: Vec<String>,
    key_hashes: Vec<Uuid>,
    fingerprints: Vec<Vec<u8>>,
    /// Each entry's allocations: grant and amount.
    drawn: Vec<Vec<u8>>,
}

impl SameRows {
    /// On a database of our own migration.
    pub(crate) async fn connect(url: &str, connections: u32) -> Result<Self> {
        let accounts = ids(url, "SELECT id FROM accounts ORDER BY external_id").await?;
        Ok(Self { pool: pool(url, connections).await?, accounts })
    }
}

#[async_trait]
impl Transaction for SameRows {
    async fn carry_out(&self, spends: &[Spend]) -> Result<Vec<bool>> {
        let mut ids = Vec::with_capacity(spends.len());
        for spend in spends {
            ids.push(*self.accounts.get(spend.account).context("no such account")?);
        }
        let mut locked = ids.clone();
        locked.sort_unstable();
        locked.dedup();
        let mut transaction = self.pool.begin().await?;
        let mut kept: HashMap<Uuid, Kept> = HashMap::with_capacity(locked.len());
        for row in sqlx::query(LOCK).bind(&locked).fetch_all(&mut *transaction).await? {
            let (posted, bonus, seq) = (row.try_get(1)?, row.try_get(2)?, row.try_get(3)?);
            kept.insert(row.try_get(0)?, Kept { posted, bonus, seq, grants: Vec::new() });
        }
        for row in sqlx::query(GRANTS).bind(&locked).fetch_all(&mut *transaction).await? {
            let account: Uuid = row.try_get(0)?;
            let kept = kept.get_mut(&account).context("a grant without an account")?;
            kept.grants.push((row.try_get(1)?, row.try_get(2)?, false));
        }
        let mut rows = Rows::default();
        let mut done = Vec::with_capacity(spends.len());
        for (spend, id) in spends.iter().zip(&ids) {
            done.push(kept.get_mut(id).context("the row is gone")?.spend(*id, spend, &mut rows));
        }
        let used_up = kept.iter().flat_map(|(account, kept)| {
            let changed = kept.grants.iter().filter(|(_, remaining, changed)| *changed && *remaining == 0);
            changed.map(|(grant, remaining, _)| (*account, (*grant, *remaining)))
        });
        let (drawn, (grants, remaining)): (Vec<Uuid>, (Vec<Uuid>, Vec<i64>)) = used_up.unzip();
        let mut balances = Balances::default();
        for (account, kept) in kept {
            let Some((grant, left, _)) = kept.grants.iter().rfind(|(_, _, changed)| *changed) else {
                continue;
            };
            balances.accounts.push(account);
            balances.posted.push(kept.posted);
            balances.bonus.push(kept.bonus);
            balances.seqs.push(kept.seq);
            balances.burning.push(*grant);
            balances.left.push(*left);
        }
        sqlx::query(WRITE)
            .bind(drawn)
            .bind(grants)
            .bind(remaining)
            .bind(now().micros())
            .bind(balances.accounts)
            .bind(balances.posted)
            .bind(balances.bonus)
            .bind(balances.seqs)
            .bind(balances.burning)
            .bind(balances.left)
            .bind(rows.owners)
            .bind(rows.seqs)
            .bind(rows.entries)
            .bind(rows.amounts)
            .bind(rows.afters)
            .bind(rows.keys)
            .bind(rows.key_hashes)
            .bind(rows.fingerprints)
            .bind(rows.drawn)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(done)
    }
}

impl Kept {
    fn spend(&mut self, account: Uuid, spend: &Spend, rows: &mut Rows) -> bool {
        if self.posted < spend.amount {
            return false;
        }
        self.posted -= spend.amount;
        self.bonus -= spend.amount;
        self.seq += 1;
        let (mut missing, mut drawn) = (spend.amount, Vec::new());
        for (grant, remaining, changed) in &mut self.grants {
            let part = missing.min(*remaining);
            if part > 0 {
                *remaining -= part;
                *changed = true;
                missing -= part;
                drawn.extend_from_slice(grant.as_bytes());
                drawn.extend_from_slice(&(-part).to_be_bytes());
            }
        }
        rows.owners.push(account);
        rows.drawn.push(drawn);
        rows.seqs.push(self.seq);
        #[expect(clippy::disallowed_methods, reason = "a peer makes ids as our service does")]
        rows.entries.push(Uuid::now_v7());
        rows.amounts.push(-spend.amount);
        rows.afters.push(self.posted);
        rows.keys.push(posting_key_text(spend.unique));
        rows.key_hashes.push(Uuid::from_u128(spend.unique));
        rows.fingerprints.push([spend.unique.to_be_bytes(), spend.unique.to_le_bytes()].concat());
        true
    }
}
