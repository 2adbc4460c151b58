//! Postgres: a batch in sets. Whole columns go over as arrays, so a statement has one text whatever the
//! batch's size, and the server keeps its plan.
//!
//! The driver's arrays hold no NULL; where a column may be empty, a value that never occurs stands for it,
//! and the statement turns it back.

use std::collections::BTreeSet;

use billing_core::ledger::{Posting, Writes};
use sea_orm::prelude::Uuid;
use sea_orm::{DbBackend, Statement, Value};

use crate::entity::{balances, entries, entry_allocations, grants, posting_keys};
use crate::row::{allocation_model, balance_model, entry_model, grant_model, posting_key_model};

const LOCK: &str = "SELECT * FROM balances WHERE account_id = ANY($1) ORDER BY account_id FOR UPDATE";

const KEYS: &str = "
SELECT k.* FROM unnest($1::uuid[], $2::text[]) AS asked(account_id, key)
JOIN posting_keys k ON k.account_id = asked.account_id AND k.key = asked.key";

/// The order is the burn order, and the index `grants_burn` is too: no more than the first rows are read.
const FIRST_GRANTS: &str = "
SELECT g.* FROM unnest($1::uuid[]) AS asked(account_id)
CROSS JOIN LATERAL (
    SELECT * FROM grants WHERE grants.account_id = asked.account_id AND live
    ORDER BY priority, coalesce(expires_at, 9223372036854775807), burn_rank, effective_at, id LIMIT $2
) g";

const WRITE: &str = "
WITH kept AS (
    UPDATE balances t SET posted = n.posted, held = n.held, debt = n.debt, late = n.late,
        upcoming = n.upcoming, bucket_plan = n.bucket_plan, bucket_purchased = n.bucket_purchased,
        bucket_bonus = n.bucket_bonus, seq = n.seq, last_at = n.last_at,
        next_change_at = nullif(n.next_change_at, -9223372036854775808), head = n.head
    FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[],
        $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bytea[])
        AS n(account_id, posted, held, debt, late, upcoming, bucket_plan, bucket_purchased, bucket_bonus, seq,
            last_at, next_change_at, head)
    WHERE t.account_id = n.account_id RETURNING 1
), changed AS (
    UPDATE grants t SET remaining = n.remaining, pinned = n.pinned, forfeited = n.forfeited,
        clawed = n.clawed, expires_at = nullif(n.expires_at, -9223372036854775808),
        late_until = nullif(n.late_until, -9223372036854775808),
        rollover_cap = nullif(n.rollover_cap, -9223372036854775808),
        rollover_until = nullif(n.rollover_until, -9223372036854775808), stage = n.stage, live = n.live
    FROM unnest($14::uuid[], $15::uuid[], $16::bigint[], $17::bigint[], $18::bigint[], $19::bigint[],
        $20::bigint[], $21::bigint[], $22::bigint[], $23::bigint[], $24::text[], $25::boolean[])
        AS n(account_id, id, remaining, pinned, forfeited, clawed, expires_at, late_until, rollover_cap,
            rollover_until, stage, live)
    WHERE t.account_id = n.account_id AND t.id = n.id RETURNING 1
), posted AS (
    INSERT INTO entries (account_id, seq, id, kind, amount, balance_after, available_after, effective_at,
        recorded_at, occurred_at, reverses, grant_id, hold_id, description, actor, posting_key, usage, metadata,
        hash)
    SELECT account_id, seq, id, kind, amount, balance_after, available_after, effective_at, recorded_at,
        nullif(occurred_at, -9223372036854775808), nullif(reverses, -9223372036854775808),
        nullif(grant_id, '00000000-0000-0000-0000-000000000000'),
        nullif(hold_id, '00000000-0000-0000-0000-000000000000'), description, actor, nullif(posting_key, ''),
        nullif(usage, ''), metadata, hash
    FROM unnest($26::uuid[], $27::bigint[], $28::uuid[], $29::text[], $30::bigint[], $31::bigint[],
        $32::bigint[], $33::bigint[], $34::bigint[], $35::bigint[], $36::bigint[], $37::uuid[], $38::uuid[],
        $39::text[], $40::text[], $41::text[], $42::text[], $43::text[], $44::bytea[])
        AS n(account_id, seq, id, kind, amount, balance_after, available_after, effective_at, recorded_at,
            occurred_at, reverses, grant_id, hold_id, description, actor, posting_key, usage, metadata, hash)
    RETURNING 1
), moved AS (
    INSERT INTO entry_allocations (account_id, seq, position, grant_id, amount)
    SELECT * FROM unnest($45::uuid[], $46::bigint[], $47::smallint[], $48::uuid[], $49::bigint[]) RETURNING 1
), keyed AS (
    INSERT INTO posting_keys (account_id, key, fingerprint, available, first_seq, last_seq, grants, holds)
    SELECT account_id, key, fingerprint, available, first_seq, last_seq, grants, nullif(holds, '')
    FROM unnest($50::uuid[], $51::text[], $52::bytea[], $53::bigint[], $54::bigint[], $55::bigint[],
        $56::bigint[], $57::text[])
        AS n(account_id, key, fingerprint, available, first_seq, last_seq, grants, holds)
    RETURNING 1
)
SELECT (SELECT count(*) FROM kept) + (SELECT count(*) FROM changed) + (SELECT count(*) FROM posted)
    + (SELECT count(*) FROM moved) + (SELECT count(*) FROM keyed) AS written";

/// Locks the kept rows, in one order for everybody.
pub(super) fn lock(accounts: &BTreeSet<Uuid>) -> Statement {
    statement(LOCK, vec![uuids(accounts.iter().copied())])
}

/// Finds those of the batch's keys that were seen before.
pub(super) fn keys(batch: &[Posting]) -> Statement {
    let accounts = uuids(batch.iter().map(|posting| posting.account.uuid()));
    let keys = column(batch.iter().map(|posting| posting.key.as_str().to_owned()));
    statement(KEYS, vec![accounts, keys])
}

/// Finds the grants of each account that burn first.
pub(super) fn first_grants(accounts: &BTreeSet<Uuid>, count: usize) -> Statement {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    statement(FIRST_GRANTS, vec![uuids(accounts.iter().copied()), count.into()])
}

/// Writes what every posting leaves behind, and the grants that it changed. Answers one row: how many rows
/// were written, which has to be [`rows_to_write`].
pub(super) fn write(writes: &Writes) -> Statement {
    let mut values = Vec::with_capacity(57);
    put_balances(&mut values, writes.balances.values().map(balance_model).collect());
    let changed = writes.grants.values().filter(|grant| !writes.made.contains(&grant.id));
    put_grants(&mut values, &changed.map(grant_model).collect::<Vec<_>>());
    put_entries(&mut values, writes.entries.iter().map(entry_model).collect());
    put_allocations(&mut values, &writes.allocations.iter().map(allocation_model).collect::<Vec<_>>());
    put_keys(&mut values, writes.postings.iter().map(posting_key_model).collect());
    statement(WRITE, values)
}

/// How many rows [`write`] writes.
pub(super) fn rows_to_write(writes: &Writes) -> usize {
    let changed = writes.grants.len().saturating_sub(writes.made.len());
    [writes.balances.len(), changed, writes.entries.len(), writes.allocations.len(), writes.postings.len()]
        .into_iter()
        .sum()
}

fn put_balances(values: &mut Vec<Value>, rows: Vec<balances::Model>) {
    values.push(uuids(rows.iter().map(|row| row.account_id)));
    values.push(column(rows.iter().map(|row| row.posted)));
    values.push(column(rows.iter().map(|row| row.held)));
    values.push(column(rows.iter().map(|row| row.debt)));
    values.push(column(rows.iter().map(|row| row.late)));
    values.push(column(rows.iter().map(|row| row.upcoming)));
    values.push(column(rows.iter().map(|row| row.bucket_plan)));
    values.push(column(rows.iter().map(|row| row.bucket_purchased)));
    values.push(column(rows.iter().map(|row| row.bucket_bonus)));
    values.push(column(rows.iter().map(|row| row.seq)));
    values.push(column(rows.iter().map(|row| row.last_at)));
    values.push(numbers(rows.iter().map(|row| row.next_change_at)));
    values.push(column(rows.into_iter().map(|row| row.head)));
}

fn put_grants(values: &mut Vec<Value>, rows: &[grants::Model]) {
    values.push(uuids(rows.iter().map(|row| row.account_id)));
    values.push(uuids(rows.iter().map(|row| row.id)));
    values.push(column(rows.iter().map(|row| row.remaining)));
    values.push(column(rows.iter().map(|row| row.pinned)));
    values.push(column(rows.iter().map(|row| row.forfeited)));
    values.push(column(rows.iter().map(|row| row.clawed)));
    values.push(numbers(rows.iter().map(|row| row.expires_at)));
    values.push(numbers(rows.iter().map(|row| row.late_until)));
    values.push(numbers(rows.iter().map(|row| row.rollover_cap)));
    values.push(numbers(rows.iter().map(|row| row.rollover_until)));
    values.push(column(rows.iter().map(|row| row.stage.clone())));
    values.push(column(rows.iter().map(|row| row.live)));
}

fn put_entries(values: &mut Vec<Value>, mut rows: Vec<entries::Model>) {
    values.push(uuids(rows.iter().map(|row| row.account_id)));
    values.push(column(rows.iter().map(|row| row.seq)));
    values.push(uuids(rows.iter().map(|row| row.id)));
    values.push(column(rows.iter_mut().map(|row| std::mem::take(&mut row.kind))));
    values.push(column(rows.iter().map(|row| row.amount)));
    values.push(column(rows.iter().map(|row| row.balance_after)));
    values.push(column(rows.iter().map(|row| row.available_after)));
    values.push(column(rows.iter().map(|row| row.effective_at)));
    values.push(column(rows.iter().map(|row| row.recorded_at)));
    values.push(numbers(rows.iter().map(|row| row.occurred_at)));
    values.push(numbers(rows.iter().map(|row| row.reverses)));
    values.push(uuids(rows.iter().map(|row| row.grant_id.unwrap_or_default())));
    values.push(uuids(rows.iter().map(|row| row.hold_id.unwrap_or_default())));
    values.push(column(rows.iter_mut().map(|row| std::mem::take(&mut row.description))));
    values.push(column(rows.iter_mut().map(|row| std::mem::take(&mut row.actor))));
    values.push(column(rows.iter_mut().map(|row| row.posting_key.take().unwrap_or_default())));
    values.push(column(rows.iter_mut().map(|row| row.usage.take().unwrap_or_default())));
    values.push(column(rows.iter_mut().map(|row| std::mem::take(&mut row.metadata))));
    values.push(column(rows.into_iter().map(|row| row.hash)));
}

fn put_allocations(values: &mut Vec<Value>, rows: &[entry_allocations::Model]) {
    values.push(uuids(rows.iter().map(|row| row.account_id)));
    values.push(column(rows.iter().map(|row| row.seq)));
    values.push(column(rows.iter().map(|row| row.position)));
    values.push(uuids(rows.iter().map(|row| row.grant_id)));
    values.push(column(rows.iter().map(|row| row.amount)));
}

fn put_keys(values: &mut Vec<Value>, mut rows: Vec<posting_keys::Model>) {
    values.push(uuids(rows.iter().map(|row| row.account_id)));
    values.push(column(rows.iter_mut().map(|row| std::mem::take(&mut row.key))));
    values.push(column(rows.iter_mut().map(|row| std::mem::take(&mut row.fingerprint))));
    values.push(column(rows.iter().map(|row| row.available)));
    values.push(column(rows.iter().map(|row| row.first_seq)));
    values.push(column(rows.iter().map(|row| row.last_seq)));
    values.push(column(rows.iter().map(|row| row.grants)));
    values.push(column(rows.into_iter().map(|row| row.holds.unwrap_or_default())));
}

fn statement(sql: &'static str, values: Vec<Value>) -> Statement {
    Statement::from_sql_and_values(DbBackend::Postgres, sql, values)
}

fn uuids(column: impl Iterator<Item = Uuid>) -> Value {
    column.collect::<Vec<_>>().into()
}

fn numbers(column: impl Iterator<Item = Option<i64>>) -> Value {
    column.map(|number| number.unwrap_or(i64::MIN)).collect::<Vec<_>>().into()
}

fn column<T>(column: impl Iterator<Item = T>) -> Value
where
    Vec<T>: Into<Value>,
{
    column.collect::<Vec<_>>().into()
}
