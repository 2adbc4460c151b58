//! Entries and usage in chunks, ordered by account and number.

use std::collections::{BTreeMap, BTreeSet};

use billing_core::ledger::audit::{KeptKey, Lines};
use billing_core::ledger::{DebtChange, Grant, UsageRecord};
use billing_core::ports::StoreError;
use billing_core::values::{AccountId, Fingerprint, GrantId, PostingKey};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, SimpleExpr};
use sea_orm::{QueryOrder, QuerySelect};

use super::audit_load::AccountRange;
use super::burning_grant::find_grants;
use super::load_recorded::recorded_keys;
use crate::entity::{debts, entries, grants, usages};
use crate::error::{corrupt, store_error};
use crate::row::{key_hash, read_allocations, read_debt, read_entry, read_grant, read_usage};
use crate::transaction::Transaction;

/// The number of entries in memory at once.
pub(super) const CHUNK: u64 = 5000;

/// The number of keys per statement: SQLite binds 32,766 values at most.
const KEYS: usize = 10_000;

/// The account and number after which to continue.
pub(super) type Position = (Uuid, i64);

/// The condition that a row is after `after` and within the range. It uses the first columns of the primary key.
fn behind(
    range: AccountRange,
    after: Position,
    account: impl ColumnTrait,
    number: impl ColumnTrait,
) -> SimpleExpr {
    if range.first == range.last {
        return account.eq(range.first).and(number.gt(after.1));
    }
    let place = Expr::tuple([Expr::col(account), Expr::col(number)]);
    let after = Expr::tuple([Expr::value(after.0), Expr::value(after.1)]);
    place.gt(after).and(account.lte(range.last))
}

/// Up to `limit` entries of the accounts in `range` after `after`, by account, with what their hashes cover.
pub(super) async fn lines(
    read: &Transaction,
    range: AccountRange,
    after: Position,
    limit: u64,
) -> Result<Vec<(AccountId, Lines)>, StoreError> {
    let rows = entries::Entity::find()
        .filter(behind(range, after, entries::Column::AccountId, entries::Column::Seq))
        .order_by_asc(entries::Column::AccountId)
        .order_by_asc(entries::Column::Seq)
        .limit(i64::try_from(limit).map_or(None, |_| Some(limit)))
        .all(read);
    let rows = rows.await.map_err(store_error)?;
    let mut keys = keys(read, &rows).await?;
    let mut all: Vec<(AccountId, Lines)> = Vec::new();
    for row in rows {
        let (allocations, entry) = (read_allocations(&row)?, read_entry(row)?);
        if all.last().is_none_or(|(account, _)| *account != entry.account) {
            let keys = keys.remove(&entry.account).unwrap_or_default();
            all.push((entry.account, Lines { keys, ..Lines::default() }));
        }
        if let Some((_, lines)) = all.last_mut() {
            lines.allocations.extend(allocations);
            lines.entries.push(entry);
        }
    }
    Ok(all)
}

/// The stored keys under which `rows`, ordered by account, were posted.
async fn keys(
    read: &Transaction,
    rows: &[entries::Model],
) -> Result<BTreeMap<AccountId, BTreeMap<PostingKey, KeptKey>>, StoreError> {
    let mut all: BTreeMap<AccountId, BTreeMap<PostingKey, KeptKey>> = BTreeMap::new();
    let mut named: BTreeMap<(Uuid, Uuid), PostingKey> = BTreeMap::new();
    for row in rows {
        let key = row.posting_key.clone().map(PostingKey::from_stored);
        named.extend(key.map(|key| ((row.account_id, key_hash(&key)), key)));
    }
    for chunk in named.keys().collect::<Vec<_>>().chunks(KEYS) {
        for row in recorded_keys(read, chunk.iter().copied()).await.map_err(store_error)? {
            let Some(key) = named.get(&(row.account_id, row.key_hash)) else { continue };
            let fingerprint = row.fingerprint.as_slice().try_into();
            let fingerprint =
                fingerprint.map_err(|problem| corrupt("entries", "fingerprint", key.as_str(), problem))?;
            let fingerprint = Fingerprint::from_bytes(fingerprint);
            let kept = KeptKey { fingerprint, entries: (row.first_seq, row.last_seq) };
            let account = AccountId::from_uuid(row.account_id);
            all.entry(account).or_default().insert(key.clone(), kept);
        }
    }
    Ok(all)
}

/// Up to `limit` usages of the accounts in `range` after `after`.
pub(super) async fn usages(
    read: &Transaction,
    range: AccountRange,
    after: Position,
    limit: u64,
) -> Result<Vec<UsageRecord>, StoreError> {
    let found = usages::Entity::find()
        .filter(behind(range, after, usages::Column::AccountId, usages::Column::Number))
        .order_by_asc(usages::Column::AccountId)
        .order_by_asc(usages::Column::Number)
        .limit(i64::try_from(limit).map_or(None, |_| Some(limit)))
        .all(read);
    found.await.map_err(store_error)?.into_iter().map(read_usage).collect()
}

/// The debts that one account's entries after number `after`, up to number `last`, incurred.
pub(super) async fn owed(
    read: &Transaction,
    account: Uuid,
    after: i64,
    last: i64,
) -> Result<Vec<DebtChange>, StoreError> {
    let found = debts::Entity::find()
        .filter(debts::Column::AccountId.eq(account))
        .filter(debts::Column::GrantId.is_null())
        .filter(debts::Column::Seq.gt(after))
        .filter(debts::Column::Seq.lte(last))
        .all(read);
    Ok(found.await.map_err(store_error)?.iter().map(read_debt).collect())
}

/// The grants that `lines` added credits to.
pub(super) async fn given(
    read: &Transaction,
    account: Uuid,
    lines: &Lines,
) -> Result<BTreeMap<GrantId, Grant>, StoreError> {
    let put = lines.allocations.iter().filter(|part| part.amount.get() > 0);
    let ids: BTreeSet<Uuid> = put.map(|part| part.grant.uuid()).collect();
    let found =
        find_grants().filter(grants::Column::AccountId.eq(account)).filter(grants::Column::Id.is_in(ids));
    let grants = found.all(read).await.map_err(store_error)?.into_iter().map(read_grant);
    grants.map(|grant| grant.map(|grant| (grant.id, grant))).collect()
}
