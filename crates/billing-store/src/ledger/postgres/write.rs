//! Writes the changes of a batch, in one statement.

use billing_core::ledger::Writes;
use sea_orm::Statement;

use super::columns::Mapped;
use crate::entity::{balances, entries, grants, posting_keys};
use crate::row::{balance_model, entry_model, grant_model, posting_key_model};

/// Everything is written, or the division fails the statement and nothing is.
const WRITE: &str = "
WITH kept AS (
    UPDATE balances t SET posted = n.posted, held = n.held, debt = n.debt, late = n.late,
        upcoming = n.upcoming, bucket_plan = n.bucket_plan, bucket_purchased = n.bucket_purchased,
        bucket_bonus = n.bucket_bonus, seq = n.seq, last_at = n.last_at,
        next_change_at = nullif(n.next_change_at, -9223372036854775808), head = n.head, usages = n.usages,
        usage_head = n.usage_head, open_holds = n.open_holds, audit_due = true, burning_grant = NULL,
        burning_left = NULL,
        checkpoint_due = t.checkpoint_due OR t.seq <> n.seq OR t.usages <> n.usages
    FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[],
        $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bytea[], $14::bigint[],
        $15::bytea[], $16::bigint[])
        AS n(account_id, posted, held, debt, late, upcoming, bucket_plan, bucket_purchased, bucket_bonus, seq,
            last_at, next_change_at, head, usages, usage_head, open_holds)
    WHERE t.account_id = n.account_id RETURNING 1
), changed AS (
    UPDATE grants t SET remaining = n.remaining, pinned = n.pinned, forfeited = n.forfeited,
        clawed = n.clawed, expires_at = nullif(n.expires_at, -9223372036854775808),
        late_until = nullif(n.late_until, -9223372036854775808),
        rollover_cap = nullif(n.rollover_cap, -9223372036854775808),
        rollover_until = nullif(n.rollover_until, -9223372036854775808), stage = n.stage, live = n.live
    FROM unnest($17::uuid[], $18::uuid[], $19::bigint[], $20::bigint[], $21::bigint[], $22::bigint[],
        $23::bigint[], $24::bigint[], $25::bigint[], $26::bigint[], $27::text[], $28::boolean[])
        AS n(account_id, id, remaining, pinned, forfeited, clawed, expires_at, late_until, rollover_cap,
            rollover_until, stage, live)
    WHERE t.account_id = n.account_id AND t.id = n.id RETURNING 1
), settled AS (
    UPDATE grants t SET remaining = b.burning_left FROM balances b
    WHERE b.account_id = ANY($1) AND t.account_id = b.account_id AND t.id = b.burning_grant AND t.id <> ALL($18)
), posted AS (
    INSERT INTO entries (account_id, seq, id, kind, amount, balance_after, available_after, effective_at,
        recorded_at, occurred_at, reverses, grant_id, hold_id, description, actor, posting_key, key_hash, fingerprint,
        posting_available, posting_last, posting_grants, seen, first_usage, last_usage, metadata, allocations, hash)
    SELECT account_id, seq, id, kind, amount, balance_after, available_after, effective_at, recorded_at,
        nullif(occurred_at, -9223372036854775808), nullif(reverses, -9223372036854775808),
        nullif(grant_id, '00000000-0000-0000-0000-000000000000'),
        nullif(hold_id, '00000000-0000-0000-0000-000000000000'), description, actor, nullif(posting_key, ''),
        nullif(key_hash, '00000000-0000-0000-0000-000000000000'), nullif(fingerprint, ''),
        nullif(posting_available, -9223372036854775808), nullif(posting_last, -9223372036854775808),
        nullif(posting_grants, 0), nullif(seen, ''), nullif(first_usage, -9223372036854775808),
        nullif(last_usage, -9223372036854775808), metadata, allocations, hash
    FROM unnest($29::uuid[], $30::bigint[], $31::uuid[], $32::text[], $33::bigint[], $34::bigint[],
        $35::bigint[], $36::bigint[], $37::bigint[], $38::bigint[], $39::bigint[], $40::uuid[], $41::uuid[],
        $42::text[], $43::text[], $44::text[], $45::uuid[], $46::bytea[], $47::bigint[], $48::bigint[],
        $49::bigint[], $50::text[], $51::bigint[], $52::bigint[], $53::text[], $54::bytea[], $55::bytea[])
        AS n(account_id, seq, id, kind, amount, balance_after, available_after, effective_at, recorded_at,
            occurred_at, reverses, grant_id, hold_id, description, actor, posting_key, key_hash, fingerprint,
            posting_available, posting_last, posting_grants, seen, first_usage, last_usage, metadata, allocations,
            hash)
    RETURNING 1
), keyed AS (
    INSERT INTO posting_keys (account_id, key_hash, fingerprint, available, grants, seen)
    SELECT account_id, key_hash, fingerprint, available, grants, nullif(seen, '')
    FROM unnest($56::uuid[], $57::uuid[], $58::bytea[], $59::bigint[], $60::bigint[], $61::text[])
        AS n(account_id, key_hash, fingerprint, available, grants, seen)
    RETURNING 1
), done AS MATERIALIZED (
    SELECT (SELECT count(*) FROM kept) + (SELECT count(*) FROM changed) + (SELECT count(*) FROM posted)
        + (SELECT count(*) FROM keyed) AS rows
)
SELECT CASE WHEN rows = $62 THEN rows ELSE 1 / (rows - rows) END FROM done";

/// Writes the postings and the grants that they changed, in a transaction that has locked the accounts. If a row to be
/// changed is missing, it fails as [`did_not_add_up`](crate::error::did_not_add_up) detects.
pub(in crate::ledger) fn write(writes: &Writes) -> Statement {
    let mut values = Mapped::default();
    put_balances(&mut values, writes.balances.values().map(balance_model).collect());
    let changed = writes.grants.values().filter(|grant| !writes.made.contains(&grant.id));
    put_grants(&mut values, &changed.map(|grant| grant_model(grant)).collect::<Vec<_>>());
    put_entries(&mut values, writes.lines().map(entry_model).collect());
    put_keys(&mut values, writes.postings_without_entries().map(posting_key_model).collect());
    values.number(rows_to_write(writes));
    values.statement(WRITE)
}

/// The number of rows to be written.
fn rows_to_write(writes: &Writes) -> i64 {
    let changed = writes.grants.len().saturating_sub(writes.made.len());
    let rows: usize =
        [writes.balances.len(), changed, writes.entries.len(), writes.postings_without_entries().count()]
            .into_iter()
            .sum();
    i64::try_from(rows).unwrap_or(i64::MAX)
}

fn put_balances(values: &mut Mapped, mut rows: Vec<balances::Model>) {
    values.uuids(rows.iter().map(|row| row.account_id));
    values.column(rows.iter().map(|row| row.posted));
    values.column(rows.iter().map(|row| row.held));
    values.column(rows.iter().map(|row| row.debt));
    values.column(rows.iter().map(|row| row.late));
    values.column(rows.iter().map(|row| row.upcoming));
    values.column(rows.iter().map(|row| row.bucket_plan));
    values.column(rows.iter().map(|row| row.bucket_purchased));
    values.column(rows.iter().map(|row| row.bucket_bonus));
    values.column(rows.iter().map(|row| row.seq));
    values.column(rows.iter().map(|row| row.last_at));
    values.numbers(rows.iter().map(|row| row.next_change_at));
    values.column(rows.iter_mut().map(|row| std::mem::take(&mut row.head)));
    values.column(rows.iter().map(|row| row.usages));
    values.column(rows.iter_mut().map(|row| std::mem::take(&mut row.usage_head)));
    values.column(rows.iter().map(|row| row.open_holds));
}

fn put_grants(values: &mut Mapped, rows: &[grants::Model]) {
    values.uuids(rows.iter().map(|row| row.account_id));
    values.uuids(rows.iter().map(|row| row.id));
    values.column(rows.iter().map(|row| row.remaining));
    values.column(rows.iter().map(|row| row.pinned));
    values.column(rows.iter().map(|row| row.forfeited));
    values.column(rows.iter().map(|row| row.clawed));
    values.numbers(rows.iter().map(|row| row.expires_at));
    values.numbers(rows.iter().map(|row| row.late_until));
    values.numbers(rows.iter().map(|row| row.rollover_cap));
    values.numbers(rows.iter().map(|row| row.rollover_until));
    values.column(rows.iter().map(|row| row.stage.clone()));
    values.column(rows.iter().map(|row| row.live));
}

fn put_entries(values: &mut Mapped, mut rows: Vec<entries::Model>) {
    values.uuids(rows.iter().map(|row| row.account_id));
    values.column(rows.iter().map(|row| row.seq));
    values.uuids(rows.iter().map(|row| row.id));
    values.column(rows.iter_mut().map(|row| std::mem::take(&mut row.kind)));
    values.column(rows.iter().map(|row| row.amount));
    values.column(rows.iter().map(|row| row.balance_after));
    values.column(rows.iter().map(|row| row.available_after));
    values.column(rows.iter().map(|row| row.effective_at));
    values.column(rows.iter().map(|row| row.recorded_at));
    values.numbers(rows.iter().map(|row| row.occurred_at));
    values.numbers(rows.iter().map(|row| row.reverses));
    values.uuids(rows.iter().map(|row| row.grant_id.unwrap_or_default()));
    values.uuids(rows.iter().map(|row| row.hold_id.unwrap_or_default()));
    values.column(rows.iter_mut().map(|row| std::mem::take(&mut row.description)));
    values.column(rows.iter_mut().map(|row| std::mem::take(&mut row.actor)));
    values.column(rows.iter_mut().map(|row| row.posting_key.take().unwrap_or_default()));
    values.uuids(rows.iter().map(|row| row.key_hash.unwrap_or_default()));
    values.column(rows.iter_mut().map(|row| row.fingerprint.take().unwrap_or_default()));
    values.numbers(rows.iter().map(|row| row.posting_available));
    values.numbers(rows.iter().map(|row| row.posting_last));
    values.column(rows.iter().map(|row| row.posting_grants.unwrap_or_default()));
    values.column(rows.iter_mut().map(|row| row.seen.take().unwrap_or_default()));
    values.numbers(rows.iter().map(|row| row.first_usage));
    values.numbers(rows.iter().map(|row| row.last_usage));
    values.column(rows.iter_mut().map(|row| std::mem::take(&mut row.metadata)));
    values.column(rows.iter_mut().map(|row| std::mem::take(&mut row.allocations)));
    values.column(rows.into_iter().map(|row| row.hash));
}

fn put_keys(values: &mut Mapped, mut rows: Vec<posting_keys::Model>) {
    values.uuids(rows.iter().map(|row| row.account_id));
    values.uuids(rows.iter().map(|row| row.key_hash));
    values.column(rows.iter_mut().map(|row| std::mem::take(&mut row.fingerprint)));
    values.column(rows.iter().map(|row| row.available));
    values.column(rows.iter().map(|row| row.grants));
    values.column(rows.into_iter().map(|row| row.seen.unwrap_or_default()));
}
