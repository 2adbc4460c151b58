//! Writes the changes of a batch of plain spends, in one statement that is its own transaction.

use std::collections::BTreeMap;

use billing_core::ledger::{ChainHash, Grant, Writes};
use billing_core::values::{AccountId, Timestamp};

use sea_orm::prelude::Uuid;

use super::columns::{Native, number_or_none};
use crate::ledger::account_cache::Version;
use crate::ledger::burning_grant::GrantWrites;
use crate::row::{KeyColumns, allocations_bytes, to_json};

/// The version that each account was decided on.
pub(in crate::ledger) type Versions = BTreeMap<AccountId, Version>;

/// Writes only what a plain spend can change. Everything is written, or the division fails the statement and nothing
/// is: if an account is no longer at the version that it was decided on, its row is not updated, and the count of rows
/// is too small; a key that a posting without entries has used makes it too large. The balance rows come first and
/// always in the same order, so that they are the lock. Returns the transaction id, which is the rows' new `xmin`.
const WRITE: &str = "
WITH kept AS (
    UPDATE balances t SET posted = n.posted, bucket_plan = n.bucket_plan, bucket_purchased = n.bucket_purchased,
        bucket_bonus = n.bucket_bonus, seq = n.seq, last_at = n.last_at,
        next_change_at = nullif(n.next_change_at, -9223372036854775808), head = n.head, audit_due = true,
        checkpoint_due = true, burning_grant = nullif(n.burning_grant, '00000000-0000-0000-0000-000000000000'),
        burning_left = nullif(n.burning_left, -9223372036854775808)
    FROM unnest($1::uuid[], $2::bigint[], $3::bytea[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[],
        $8::bigint[], $9::bigint[], $10::bigint[], $11::bytea[], $12::uuid[], $13::bigint[])
        AS n(account_id, written_by, head_before, posted, bucket_plan, bucket_purchased, bucket_bonus, seq, last_at,
            next_change_at, head, burning_grant, burning_left)
    WHERE t.account_id = n.account_id AND t.xmin::text::bigint = n.written_by AND t.head = n.head_before RETURNING 1
), changed AS (
    UPDATE grants t SET remaining = n.remaining, live = n.live
    FROM unnest($14::uuid[], $15::uuid[], $16::bigint[], $17::boolean[]) AS n(account_id, id, remaining, live)
    WHERE t.account_id = n.account_id AND t.id = n.id RETURNING 1
), new AS MATERIALIZED (
    SELECT * FROM unnest($18::uuid[], $19::bigint[], $20::uuid[], $21::text[], $22::bigint[], $23::bigint[],
        $24::bigint[], $25::bigint[], $26::bigint[], $27::text[], $28::text[], $29::text[], $30::uuid[], $31::bytea[],
        $32::bigint[], $33::bigint[], $34::text[], $35::bytea[], $36::bytea[])
        AS n(account_id, seq, id, kind, amount, balance_after, available_after, effective_at, recorded_at, description,
            actor, posting_key, key_hash, fingerprint, posting_available, posting_last, metadata, allocations, hash)
), posted AS (
    INSERT INTO entries (account_id, seq, id, kind, amount, balance_after, available_after, effective_at,
        recorded_at, description, actor, posting_key, key_hash, fingerprint, posting_available, posting_last, metadata,
        allocations, hash)
    SELECT account_id, seq, id, kind, amount, balance_after, available_after, effective_at, recorded_at, description,
        actor, posting_key, nullif(key_hash, '00000000-0000-0000-0000-000000000000'), nullif(fingerprint, ''),
        nullif(posting_available, -9223372036854775808), nullif(posting_last, -9223372036854775808), metadata,
        allocations, hash
    FROM new
), taken AS MATERIALIZED (
    SELECT count(*) AS keys FROM new
    CROSS JOIN LATERAL (
        SELECT FROM posting_keys WHERE posting_keys.account_id = new.account_id AND posting_keys.key_hash = new.key_hash
        LIMIT 1
    ) k
), done AS MATERIALIZED (
    SELECT (SELECT count(*) FROM kept) + (SELECT count(*) FROM changed) + (SELECT keys FROM taken) AS rows
)
SELECT CASE WHEN rows = $37 THEN txid_current() & 4294967295 ELSE 1 / (rows - rows) END FROM done";

/// The statement that writes the changes of a batch for which [`is_plain`] holds, with its `values`, and with the
/// `grants` of [`grant_writes`]. It fails as [`did_not_add_up`](crate::error::did_not_add_up) detects unless each
/// account is still at the version that it was decided on.
pub(in crate::ledger) fn write_plain(
    values: &mut Native,
    writes: &Writes,
    versions: &Versions,
    grants: &BTreeMap<AccountId, GrantWrites>,
) -> &'static str {
    put_balances(values, writes, versions, grants);
    put_grants(values, grants);
    put_entries(values, writes);
    let rows = grants.values().map(|grants| grants.rows.len());
    let checked = writes.balances.len().saturating_add(rows.sum());
    values.value(i64::try_from(checked).unwrap_or(i64::MAX));
    WRITE
}

/// Whether `writes` consists of spends only, on accounts where nothing has changed by time.
pub(in crate::ledger) fn is_plain(writes: &Writes) -> bool {
    let nothing_rare = writes.made.is_empty()
        && writes.holds.is_empty()
        && writes.debts.is_empty()
        && writes.usages.is_empty()
        && writes.postings_without_entries().next().is_none()
        && writes.postings.iter().all(|posting| posting.grants.is_empty() && posting.holds.is_empty());
    nothing_rare
        && writes.entries.iter().all(|entry| {
            entry.posting_key.is_some()
                && (entry.grant, entry.hold, entry.reverses, entry.occurred_at) == (None, None, None, None)
                && entry.usages.is_none()
        })
}

/// No transaction has the id 0, so a row that was not read is not written to.
const NOBODYS: Version = Version { written_by: 0, head: ChainHash::GENESIS, burning: None };

/// The changes to the accounts' grants.
pub(in crate::ledger) fn grant_writes(
    writes: &Writes,
    versions: &Versions,
) -> BTreeMap<AccountId, GrantWrites> {
    let mut changed: BTreeMap<AccountId, Vec<&Grant>> = BTreeMap::new();
    for grant in writes.grants.values() {
        changed.entry(grant.account).or_default().push(grant);
    }
    let of_account = |account: &AccountId| {
        let before = versions.get(account).and_then(|version| version.burning);
        (*account, GrantWrites::new(before, changed.get(account).map_or(&[], Vec::as_slice)))
    };
    writes.balances.keys().map(of_account).collect()
}

fn put_balances(
    values: &mut Native,
    writes: &Writes,
    versions: &Versions,
    grants: &BTreeMap<AccountId, GrantWrites>,
) {
    let rows = || writes.balances.values();
    values.column(rows().map(|kept| kept.account.uuid()));
    let version = |account| versions.get(account).copied().unwrap_or(NOBODYS);
    values.column(rows().map(|kept| version(&kept.account).written_by));
    values.column(rows().map(|kept| version(&kept.account).head.bytes().to_vec()));
    values.column(rows().map(|kept| kept.posted.get()));
    values.column(rows().map(|kept| kept.buckets.plan.get()));
    values.column(rows().map(|kept| kept.buckets.purchased.get()));
    values.column(rows().map(|kept| kept.buckets.bonus.get()));
    values.column(rows().map(|kept| kept.seq));
    values.column(rows().map(|kept| kept.last_at.micros()));
    values.column(rows().map(|kept| number_or_none(kept.next_change_at.map(Timestamp::micros))));
    values.column(rows().map(|kept| kept.head.bytes().as_slice()));
    let burning = || grants.values().map(|grants| grants.burning);
    values.column(burning().map(|burning| burning.map_or(Uuid::nil(), |burning| burning.grant.uuid())));
    values.column(burning().map(|burning| number_or_none(burning.map(|burning| burning.left.get()))));
}

fn put_grants(values: &mut Native, grants: &BTreeMap<AccountId, GrantWrites>) {
    let rows =
        || grants.iter().flat_map(|(account, grants)| grants.rows.iter().map(move |row| (account, row)));
    values.column(rows().map(|(account, _)| account.uuid()));
    values.column(rows().map(|(_, row)| row.grant.uuid()));
    values.column(rows().map(|(_, row)| row.left.get()));
    values.column(rows().map(|(_, row)| !row.left.is_zero()));
}

fn put_entries(values: &mut Native, writes: &Writes) {
    let rows = || writes.entries.iter();
    values.column(rows().map(|entry| entry.account.uuid()));
    values.column(rows().map(|entry| entry.seq));
    values.column(rows().map(|entry| entry.id.uuid()));
    values.column(rows().map(|entry| entry.kind.as_str()));
    values.column(rows().map(|entry| entry.amount.get()));
    values.column(rows().map(|entry| entry.balance_after.get()));
    values.column(rows().map(|entry| entry.available_after.get()));
    values.column(rows().map(|entry| entry.effective_at.micros()));
    values.column(rows().map(|entry| entry.recorded_at.micros()));
    values.column(rows().map(|entry| entry.description.as_str()));
    values.column(rows().map(|entry| entry.actor.to_string()));
    values.column(rows().map(|entry| entry.posting_key.as_ref().map_or("", |key| key.as_str())));
    let keys: Vec<KeyColumns> = writes.lines().map(|line| KeyColumns::of(&line)).collect();
    values.column(keys.iter().map(|key| key.key_hash.unwrap_or_default()));
    values.column(keys.iter().map(|key| key.fingerprint.as_ref().map_or(&[][..], |bytes| bytes.as_slice())));
    values.column(keys.iter().map(|key| number_or_none(key.available)));
    values.column(keys.iter().map(|key| number_or_none(key.last_seq)));
    values.column(rows().map(|entry| to_json(&entry.metadata)));
    values.column(writes.lines().map(|line| allocations_bytes(line.parts)));
    values.column(rows().map(|entry| entry.hash.bytes().as_slice()));
}
