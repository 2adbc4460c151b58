//! Postgres: a batch in sets. Whole columns are bound as arrays, so a statement has one text whatever the batch's size,
//! and the server keeps its plan.
//!
//! The driver's arrays hold no NULL; in a nullable column, a value that never occurs stands for it, and the statement
//! turns it back.

mod columns;
mod look;
mod write;
mod write_plain;

use std::collections::BTreeSet;

use billing_core::catalog::MonthKey;
use billing_core::values::AccountId;
use sea_orm::Statement;
use sea_orm::prelude::Uuid;

use columns::Mapped;

pub(super) use columns::Native;
pub(super) use look::{Look, look, seen};
pub(super) use write::write;
pub(super) use write_plain::{Versions, grant_writes, is_plain, write_plain};

const LOCK: &str = "SELECT * FROM balances WHERE account_id = ANY($1) ORDER BY account_id FOR UPDATE";

const KEYS: &str = "
SELECT k.* FROM unnest($1::uuid[], $2::uuid[]) AS asked(account_id, key_hash)
CROSS JOIN LATERAL (
    SELECT * FROM recorded_keys
    WHERE recorded_keys.account_id = asked.account_id AND recorded_keys.key_hash = asked.key_hash
    LIMIT 1
) k";

/// The order is the burn order, which is that of the index `grants_burn`: only the first rows are read.
const FIRST_GRANTS: &str = "
SELECT g.* FROM unnest($1::uuid[]) AS asked(account_id)
CROSS JOIN LATERAL (
    SELECT * FROM current_grants WHERE current_grants.account_id = asked.account_id AND live
    ORDER BY priority, coalesce(expires_at, 9223372036854775807), burn_rank, effective_at, id LIMIT $2
) g";

/// The accounts with a balance or a live grant that cannot be locked at once. The locks on the other rows are released
/// when the statement ends.
const LOCKED: &str = "
WITH free_balances AS MATERIALIZED (
    SELECT account_id FROM balances WHERE account_id = ANY($1) ORDER BY account_id FOR UPDATE SKIP LOCKED
), free_grants AS MATERIALIZED (
    SELECT account_id, id FROM grants WHERE account_id = ANY($1) AND live ORDER BY account_id, id
    FOR UPDATE SKIP LOCKED
)
SELECT account_id FROM balances WHERE account_id = ANY($1)
    AND account_id NOT IN (SELECT account_id FROM free_balances)
UNION
SELECT account_id FROM grants WHERE account_id = ANY($1) AND live
    AND id NOT IN (SELECT id FROM free_grants)";

/// Finds the accounts whose rows another transaction has locked.
pub(super) fn locked(accounts: &BTreeSet<Uuid>) -> Statement {
    let mut values = Mapped::default();
    values.uuids(accounts.iter().copied());
    values.statement(LOCKED)
}

/// The slices of holds, each looked up by its hold: a lookup by account would read all of the account's slices.
const SLICES: &str = "
SELECT s.* FROM unnest($1::uuid[], $2::uuid[]) AS asked(account_id, hold_id)
CROSS JOIN LATERAL (
    SELECT * FROM hold_slices WHERE hold_slices.account_id = asked.account_id AND hold_slices.hold_id = asked.hold_id
    ORDER BY position LIMIT 65536
) s";

/// Finds the slices of holds, in order.
pub(super) fn slices(holds: &[(Uuid, Uuid)]) -> Statement {
    let mut values = Mapped::default();
    values.uuids(holds.iter().map(|(account, _)| *account));
    values.uuids(holds.iter().map(|(_, hold)| *hold));
    values.statement(SLICES)
}

const ENTRY_IDS: &str = "
SELECT e.* FROM unnest($1::uuid[], $2::bigint[]) AS asked(account_id, seq)
CROSS JOIN LATERAL (
    SELECT seq, id FROM entries WHERE entries.account_id = asked.account_id AND entries.seq = asked.seq LIMIT 1
) e";

/// Finds the numbers and ids of an account's entries with these numbers.
pub(super) fn entry_ids(account: Uuid, numbers: &BTreeSet<i64>) -> Statement {
    let mut values = Mapped::default();
    values.uuids(numbers.iter().map(|_| account));
    values.column(numbers.iter().copied());
    values.statement(ENTRY_IDS)
}

/// A month's counters, each looked up by its whole key: a lookup by account would read all of its months.
const MONTH_UNITS: &str = "
SELECT m.* FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[])
    AS asked(account_id, meter, month, quantity, rate)
CROSS JOIN LATERAL (
    SELECT * FROM usage_months WHERE usage_months.account_id = asked.account_id AND usage_months.meter = asked.meter
        AND usage_months.month = asked.month AND usage_months.quantity = asked.quantity
        AND usage_months.rate = asked.rate
    LIMIT 1
) m";

/// Finds the units counted at `keys`.
pub(super) fn month_units(keys: &BTreeSet<(AccountId, MonthKey)>) -> Statement {
    let mut values = Mapped::default();
    values.uuids(keys.iter().map(|(account, _)| account.uuid()));
    values.column(keys.iter().map(|(_, key)| key.meter.clone()));
    values.column(keys.iter().map(|(_, key)| key.month.to_string()));
    values.column(keys.iter().map(|(_, key)| key.quantity.clone()));
    values.column(keys.iter().map(|(_, key)| key.rate.clone()));
    values.statement(MONTH_UNITS)
}

/// Locks the balance rows, always in the same order.
pub(super) fn lock(accounts: &BTreeSet<Uuid>) -> Statement {
    let mut values = Mapped::default();
    values.uuids(accounts.iter().copied());
    values.statement(LOCK)
}

/// Finds the accounts' keys, each named by its hash, that were used before.
pub(super) fn keys<'a>(asked: impl Iterator<Item = &'a (Uuid, Uuid)> + Clone) -> Statement {
    let mut values = Mapped::default();
    values.uuids(asked.clone().map(|(account, _)| *account));
    values.uuids(asked.map(|(_, hash)| *hash));
    values.statement(KEYS)
}

/// Finds the first grants of each account in burn order.
pub(super) fn first_grants(accounts: &BTreeSet<Uuid>, count: usize) -> Statement {
    let mut values = Mapped::default();
    values.uuids(accounts.iter().copied());
    values.number(i64::try_from(count).unwrap_or(i64::MAX));
    values.statement(FIRST_GRANTS)
}
